import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../harness/report/write-report.ts';
import { writeSampleRun } from './sample-store.ts';

const candidates = [
  process.env.FAULTLINE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
const title =
  executablePath === undefined
    ? 'the page in a browser (skipped: no Chromium on this machine; FAULTLINE_CHROMIUM names one)'
    : 'the page in a browser';

/** Runs in the page. A text, for the types of this side know nothing of a browser's. */
const countRectangles = `
  window.rectangles = 0;
  const fillRect = CanvasRenderingContext2D.prototype.fillRect;
  CanvasRenderingContext2D.prototype.fillRect = function (...rectangle) {
    if (this.canvas.closest('.canvas-frame') !== null) window.rectangles++;
    return fillRect.apply(this, rectangle);
  };
`;

/** What a reader sees of it: without what is hidden or folded. */
const textIn = (locator: Locator): Promise<string> => locator.innerText();

describe.skipIf(executablePath === undefined)(title, () => {
  let store: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    store = await mkdtemp(join(tmpdir(), 'faultline-page-'));
    // Containers let no process make the namespaces that the sandbox is built of; the pages opened here are our own.
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await rm(store, { recursive: true, force: true });
  });

  /** Opens the report from disk; any request but for the file itself, and any message on the console, is a complaint. */
  async function open(report: string): Promise<void> {
    complaints = [];
    const url = pathToFileURL(report).href;
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(url);
    await page.waitForSelector('h1');
  }

  afterEach(async () => {
    await page?.close();
    expect(complaints).toEqual([]);
  });

  const timeline = () => page.locator('.canvas-frame canvas');
  /** The pixels of the timeline, once it has been drawn again. */
  async function picture(): Promise<string> {
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    return page.evaluate<string>(`document.querySelector('.canvas-frame canvas').toDataURL()`);
  }

  test('a violation: verdict and reason first, then what cannot be ordered, and the way to it on the timeline', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 6_000, seed: 2, staleRead: true })));
    expect(await textIn(page.locator('main > *').first())).toMatch(
      /violation[\s\S]*not linearizable: no order explains read/,
    );
    const card = page.locator('.violation-card');
    expect(await card.locator('svg .bar').count()).toBeGreaterThanOrEqual(3);
    expect(await card.locator('svg .bar.blocked text').textContent()).toMatch(/^read k\d → \d+$/);
    expect(await textIn(card.locator('.refusals').first())).toMatch(/it read \d+ while the value was \d+/);

    const whole = await picture();
    await page.getByRole('button', { name: 'show the violation' }).click();
    expect(await picture()).not.toBe(whole);
    expect(await textIn(page.locator('.details'))).toMatch(/read k\d → \d+ ok/);
    await page.getByRole('button', { name: 'whole run' }).click();
    await page.locator('.violation-card table button').last().click();
    expect(await textIn(page.locator('.details'))).toContain('read k');
  });

  test('the timeline is zoomed and moved by wheel, drag and keys, and back', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 3_000, seed: 5 })));
    await timeline().scrollIntoViewIfNeeded();
    const box = (await timeline().boundingBox())!;
    const whole = await picture();
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, 40);
    expect(await picture()).toBe(whole); // not before it was clicked: the page scrolls
    await timeline().focus();
    await timeline().scrollIntoViewIfNeeded();
    await timeline().hover();
    await page.mouse.wheel(0, -800);
    const zoomed = await picture();
    expect(zoomed).not.toBe(whole);
    const now = (await timeline().boundingBox())!;
    await page.mouse.move(now.x + 500, now.y + 80);
    await page.mouse.down();
    await page.mouse.move(now.x + 300, now.y + 80, { steps: 4 });
    await page.mouse.up();
    const moved = await picture();
    expect(moved).not.toBe(zoomed);
    await timeline().press('+');
    expect(await picture()).not.toBe(moved);
    await page.mouse.move(0, 0);
    await timeline().press('0');
    expect(await picture()).toBe(whole);
  });

  test('a click shows the operation under it', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 300, seed: 5, workers: 2 })));
    await timeline().scrollIntoViewIfNeeded();
    for (let i = 0; i < 6; i++) await timeline().press('+');
    const box = (await timeline().boundingBox())!;
    for (let x = 80; x < 1000 && (await page.locator('.details').count()) === 0; x += 25) {
      await page.mouse.click(box.x + x, box.y + 50);
    }
    expect(await textIn(page.locator('.details'))).toMatch(/process\s+0[\s\S]*invoked[\s\S]*ended/);
  });

  test('search finds by field and steps through what it found', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 3_000, seed: 6 })));
    const whole = await picture();
    await page.getByRole('searchbox').fill('f:write outcome:unknown');
    await expect.poll(() => textIn(page.locator('.matches'))).toMatch(/^\d+ matches$/);
    expect(await picture()).not.toBe(whole);
    await page.getByRole('searchbox').press('Enter');
    const first = await textIn(page.locator('.details h3'));
    expect(first).toMatch(/^ *write k\d \d+ → \? unknown$/);
    await page.getByRole('button', { name: 'next' }).click();
    expect(await textIn(page.locator('.details h3'))).not.toBe(first);
    await page.getByRole('searchbox').fill('f:write nothing-has-this');
    await expect.poll(() => textIn(page.locator('.matches'))).toBe('nothing matches');
  });

  test('100,000 operations open, zoom and move without redrawing what is not visible', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 100_000, seed: 3, workers: 30 })));
    expect(await textIn(page.locator('section[aria-labelledby=operations]'))).toContain('100,000 operations');
    // Work is counted, not timed: rectangles drawn in one frame are bounded by the canvas, not by the history.
    await page.evaluate(countRectangles);
    await timeline().press('ArrowRight');
    const before = await picture();
    await timeline().press('+');
    expect(await picture()).not.toBe(before);
    const rectangles = await page.evaluate<number>('rectangles');
    expect(rectangles).toBeGreaterThan(1_000);
    expect(rectangles).toBeLessThan(60_000);
  });

  test('a run that was cut short says so and shows what there is', async () => {
    await open(await writeReport(await writeSampleRun(store, { operations: 200, seed: 8, verdict: null })));
    expect(await textIn(page.locator('.banner'))).toMatch(/interrupted[\s\S]*before it was judged/);
    expect(await timeline().count()).toBe(1);
  });

  test('what looks like markup is shown as text', async () => {
    const evil = '</script><img src=x onerror="alert(1)">';
    await open(
      await writeReport(
        await writeSampleRun(store, { operations: 20, seed: 8, run: { system: evil, options: { [evil]: evil } } }),
      ),
    );
    expect(await textIn(page.locator('.subject'))).toContain(evil);
    expect(await page.locator('img').count()).toBe(0);
  });
});
