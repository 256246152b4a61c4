/** In place of a value's number where an event carried no such field. */
export const ABSENT = -1;
