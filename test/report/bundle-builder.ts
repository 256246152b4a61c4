import { loadBundle } from '../../harness/report/bundle.ts';

/** A process of its own for the test of builders at the same time: `bundle-builder.ts CACHE`. */
const { js, css } = await loadBundle(process.argv[2]);
if (js.length < 10_000 || css.length < 1_000) throw new Error('the bundle is too small to be the page');
