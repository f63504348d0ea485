/** Where things are: every script works from the project's root, wherever it was started. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A path below the project's root. */
export const at = (...parts) => path.join(root, ...parts);

/** Everything here can be deleted at any time: the scripts make it again. */
export const cache = (...parts) => at('.cache', ...parts);
