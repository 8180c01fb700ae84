// Where the kernel offers no "signal on parent death": runs one program and ends it when our parent is gone.
// usage: node guard.mjs SIGINT|SIGTERM program [arguments]; standard input must be a pipe held open by the parent.
import { spawn } from 'node:child_process';

const [stopSignal, command, ...args] = process.argv.slice(2);
if ((stopSignal !== 'SIGINT' && stopSignal !== 'SIGTERM') || !command) {
  process.stderr.write('usage: guard.mjs SIGINT|SIGTERM program [arguments]\n');
  process.exit(64);
}

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'inherit', 'inherit'] });
const stop = () => child.kill(stopSignal);
process.stdin.resume().on('end', stop).on('error', stop);
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
