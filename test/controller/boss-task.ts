/** The number of the supervising thread's own task in histories. */
export const BOSS_TASK = 100;
