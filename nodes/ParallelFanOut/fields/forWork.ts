/** Shows a field for these kinds of work. */
export const forWork = (...work: string[]) => ({ show: { work } });
