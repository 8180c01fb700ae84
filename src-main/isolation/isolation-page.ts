import type { IsolationReport, IsolationRule, IsolationTrial } from '../contract/isolation.ts';
import { escapeText } from '../infra/escape-text.ts';
import { count } from './isolation-words.ts';

/**
 * The result as a page that a client can read: one file, nothing loaded, no script. It names the database and what is in its catalog;
 * no client, no row.
 */
export function isolationPage(report: IsolationReport): string {
  const { scope } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isolation check, ${day(report.checkedAt)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Isolation check</h1>
<p class="verdict ${report.ok ? 'kept' : 'broken'}">${mark(report.ok)} ${escapeText(report.verdict)}</p>
<dl>
${fact('When', `${instant(report.checkedAt)} (time of the database)`)}
${fact('Database', `${report.database}, PostgreSQL ${report.server}`)}
${fact('Run by', report.by)}
${fact('Looked at', scopeWords(scope))}
</dl>
<h2>What was checked</h2>
<p>All clients’ data is in one database. The database itself decides, for every question, whose rows are seen; no program
can leave that out. This check reads how the database is set up, and then tries to get past it.</p>
<h2>What happened when somebody tried</h2>
<p>Each attempt is one kind of access (read, add, change, remove, empty, refer to) to one table, made with the rights of that role and
undone at once; whether a table may be referred to is read from the list of rights. “As written down” means: what was laid down by
hand for that role and that table, and nothing more.</p>
<table>
<thead><tr><th scope="col">Who tried</th><th scope="col" class="n">Attempts</th><th scope="col" class="n">Refused</th><th scope="col">Result</th></tr></thead>
<tbody>
${report.trials.map(trialRow).join('\n')}
</tbody>
</table>
<h2>Rules</h2>
<ol>
${report.rules.map(ruleItem).join('\n')}
</ol>
${missingPart(report.missing)}
<h2>What this does not show</h2>
<p>The check is about this database at this moment. It says nothing about copies of it elsewhere (backups, exports), about what
an operator with the right to see a client does with what they see, or about software outside of this database.</p>
</main>
</body>
</html>
`;
}

function scopeWords({ tables, partitions, views, policies, functions, logins }: IsolationReport['scope']): string {
  const many = (value: number, thing: string): string => `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
  return [
    many(tables, 'table'),
    many(partitions, 'monthly part'),
    many(views, 'view'),
    `${count(policies)} row-security ${policies === 1 ? 'policy' : 'policies'}`,
    many(functions, 'function'),
    many(logins, 'login'),
  ].join(', ');
}

function trialRow(trial: IsolationTrial): string {
  const fine = trial.findings.length === 0;
  const result = fine
    ? `${mark(true)} as written down`
    : `${mark(false)} otherwise than written down${list(trial.findings)}`;
  return `<tr><th scope="row">${escapeText(trial.who)}</th><td class="n">${count(trial.tried)}</td><td class="n">${count(trial.refused)}</td><td>${result}</td></tr>`;
}

function ruleItem(rule: IsolationRule): string {
  const state = rule.ok ? 'kept' : rule.level === 'warning' ? 'not kept (a warning)' : 'broken';
  return `<li><h3>${mark(rule.ok)} ${escapeText(rule.title)} <span class="state">${state}</span></h3><p>${escapeText(rule.meaning)}</p>${list(rule.findings)}</li>`;
}

function missingPart(missing: readonly string[]): string {
  return missing.length === 0 ? '' : `<h2>What this check could not do</h2>${list(missing)}`;
}

const list = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escapeText(item)}</li>`).join('')}</ul>`;

const fact = (name: string, value: string): string => `<dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd>`;

/** A sign beside the word, never alone: the word says the same. */
const mark = (ok: boolean): string => `<span class="mark" aria-hidden="true">${ok ? '✓' : '✗'}</span>`;

const instant = (at: Date): string => `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const day = (at: Date): string => at.toISOString().slice(0, 10);

const STYLE = `
:root { color-scheme: light; }
body { margin: 0; background: #fff; color: #181c23; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 24px; }
h1 { margin: 0 0 12px; font-size: 26px; } h2 { margin: 32px 0 8px; font-size: 18px; } h3 { margin: 0; font-size: 15px; }
p { margin: 4px 0 12px; }
.verdict { padding: 12px 16px; border-left: 4px solid; font-weight: 600; }
.kept { border-color: #1f9871; background: #eef8f4; } .broken { border-color: #d63138; background: #fdeeee; }
dl { display: grid; grid-template-columns: 110px 1fr; gap: 4px 16px; margin: 16px 0; } dt { color: #4d5766; } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid #dde1e7; text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: #4d5766; } .n { text-align: right; }
ol { padding-left: 28px; } ol > li { margin: 0 0 14px; }
.state { color: #4d5766; font-weight: 400; } .mark { font-weight: 700; }
ul { margin: 4px 0; padding-left: 20px; }
@media print { main { padding: 0; } li, tr { break-inside: avoid; } }
`;
