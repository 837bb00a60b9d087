/** Something a check needs is not on this machine. */
export class Missing extends Error {}
