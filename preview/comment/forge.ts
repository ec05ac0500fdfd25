import { type Answer, messageOf, NotPermitted } from "./http";

/** A comment of the pull or merge request. */
export interface Comment {
  id: number;
  body: string;
}

/** What a forge can do, in one forge's own words. */
export interface Forge {
  /** Comments that this token's account has written, oldest first. */
  mine(): Promise<Comment[]>;
  create(body: string): Promise<void>;
  /** False: it is gone. */
  update(id: number, body: string): Promise<boolean>;
  remove(id: number): Promise<void>;
}

/** Which statuses are what was asked for; anything else says what is missing. */
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
