// Unpacks the Chromium of @sparticuz/chromium into TMPDIR (argument: none). In a process of its own, because the package
// writes to the system's temporary folder under a fixed name and trusts what lies there: TMPDIR must be a private folder.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium, { inflate } from '@sparticuz/chromium';

const packageFolder = path.dirname(path.dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
await chromium.executablePath();
// Libraries that a bare machine lacks (nss, nspr, expat); used only where they are missing.
await inflate(path.join(packageFolder, 'bin', 'al2023.tar.br'));
