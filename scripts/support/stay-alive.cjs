/**
 * For mutation tests: a mutant may throw where nobody can catch it, in a listener of a signal. That
 * must fail the test it spoils, not end the process that runs all of them.
 */
process.on('uncaughtException', () => {});
