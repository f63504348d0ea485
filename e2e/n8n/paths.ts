/** Where things are, seen from `e2e/`. */
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** The pinned n8n, put there by `scripts/toolchain.mjs`. */
export const n8nBinary = path.join(root, '.cache/n8n/node_modules/n8n/bin/n8n');

/** The packed and unpacked package, put there by `scripts/support/tarball.mjs`. */
export const unpackedPackage = path.join(root, '.cache/package/n8n-nodes-agent-swarm');
