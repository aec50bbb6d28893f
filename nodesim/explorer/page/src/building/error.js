/** An edit that cannot be made; its message is meant for the reader: who, what came, what is allowed, what to do. */
export class EditError extends Error {}
