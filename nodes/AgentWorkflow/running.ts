/** Operations after which steps may run in this process, so that they need models and tools. */
export const RUNNING_OPERATIONS = ['answerReview', 'recover', 'resume', 'start'] as const;
