import { type Answer, messageOf, NotPermitted } from "./http";

/** A comment on the pull or merge request. */
export interface Comment {
  id: number;
  body: string;
}

/** Operations on comments, implemented for each forge. */
export interface Forge {
  /** Comments by this token's account, oldest first. */
  mine(): Promise<Comment[]>;
  create(body: string): Promise<void>;
  /** False if the comment no longer exists. */
  update(id: number, body: string): Promise<boolean>;
  remove(id: number): Promise<void>;
}

/** Checks that the status is expected; otherwise the error says what is missing. */
export function expectStatus(
  answer: Answer,
  wanted: readonly number[],
  what: string,
  permission: string,
): void {
  if (wanted.includes(answer.status)) return;
  const said = `HTTP ${answer.status}${messageOf(answer)}`;
  if ([401, 403, 404].includes(answer.status)) throw new NotPermitted(`${what}: ${said}. ${permission}`);
  throw new Error(`${what}: ${said}`);
}
