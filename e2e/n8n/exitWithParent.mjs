/**
 * Loaded into n8n before everything else: when the process that started n8n is gone, however it
 * ended, n8n and its task runner (one process group) end too.
 */
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'));
