import { loadBundle } from './bundle.ts';

/**
 * npm's `prepare`: bundles the report page when faultline is installed, so that the first report costs nothing. An
 * installation without the bundler (`--omit=dev`, as in a node's image) makes no reports and is not failed for it.
 */
try {
  import.meta.resolve('vite');
  await loadBundle();
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('report: no bundler here (development dependencies were omitted); reports cannot be made\n');
}
