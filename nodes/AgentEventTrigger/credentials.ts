import type { INodeCredentialDescription } from 'n8n-workflow';

import { storeCredential } from '../shared/runFields';

/** The credential of the store that is watched. */
export const credentials: INodeCredentialDescription[] = [storeCredential];
