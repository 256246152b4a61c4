/** Preloaded into a measured process: writes its peak resident set, in KiB, to a file as it ends. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const path = process.env.FAULTLINE_USAGE_FILE;
  if (path !== undefined) writeFileSync(path, String(process.resourceUsage().maxRSS));
});
