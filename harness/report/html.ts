import { deflateRawSync } from 'node:zlib';
import type { Bundle } from './bundle.ts';
import { packReport, type Report } from './data/report.ts';
import { verdictLine } from './text.ts';

/**
 * One file that opens from disk: the page's code and style, and the run as compressed base64. The policy forbids every
 * connection, so that a report can be mailed around and still show nothing to anyone. Data reaches the document only as
 * base64 or escaped; so no value of a history can become markup.
 */
export function html(report: Report, bundle: Bundle): string {
  const data = deflateRawSync(packReport(report), { level: 6 }).toString('base64');
  const headline = verdictLine(report.verdict);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<title>${escaped(`${headline.split(':', 1)[0]} · ${report.title}`)}</title>
<style>${bundle.css.replaceAll('</style', '<\\/style')}</style>
</head>
<body>
<noscript><h1>${escaped(headline)}</h1><p>The rest of this report needs JavaScript; verdict.json and history.jsonl beside it do not.</p></noscript>
<main id="page"></main>
<script type="application/octet-stream" id="data">${data}</script>
<script>${inlineScript(bundle.js)}</script>
</body>
</html>
`;
}

/** What would end, or begin to hide, a script element is broken up; inside string literals, where it can only occur, it means the same. */
const inlineScript = (code: string): string => code.replaceAll(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
