import { render } from 'preact';
import { type Report, unpackReport } from '../data/report.ts';
import { App } from './app.tsx';
import 'uplot/dist/uPlot.min.css';
import './style.css';

async function embedded(): Promise<Report> {
  const data = document.getElementById('data')!.textContent;
  const compressed = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return unpackReport(new Uint8Array(await new Response(stream).arrayBuffer()));
}

const page = document.getElementById('page')!;
embedded()
  .then((report) => render(<App report={report} />, page))
  .catch((error: unknown) => {
    page.textContent = `This report cannot be shown (${String(error)}); verdict.json and history.jsonl beside it hold the same.`;
    throw error;
  });
