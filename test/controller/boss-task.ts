/** The number of the supervising thread's own task in histories. */
export const BOSS_TASK = 100;
/** Its cancels are numbered from here. */
export const BOSS_CANCELS = 1_000;
/** Its closes of sync primitives are numbered from here. */
export const BOSS_CLOSES = 2_000;
