import { type Comment, expectStatus, type Forge } from "./forge";
import { type Answer, ask, pages, type Settings } from "./http";

const PERMISSION =
  "GITLAB_TOKEN must be a project access token with the role Reporter and the scope api: the token of a CI job cannot comment. Protected variables are missing in pipelines of forks and unprotected branches.";

interface Note extends Comment {
  system?: boolean;
  author?: { id?: number } | null;
}

/** Notes on a merge request. */
export function gitLab(settings: Settings, project: string, number: number): Forge {
  const notes = `/projects/${encodeURIComponent(project)}/merge_requests/${number}/notes`;
  let author: number | undefined;

  async function whoAmI(): Promise<number> {
    const answer = await ask(settings, "GET", "/user");
    expectStatus(answer, [200], "GitLab does not say whose GITLAB_TOKEN is", PERMISSION);
    return (answer.body as { id: number }).id;
  }

  return {
    async mine() {
      author ??= await whoAmI();
      const found: Comment[] = [];
      for (const answer of await pages(settings, `${notes}?per_page=100&sort=asc&order_by=created_at`)) {
        expectStatus(answer, [200], `The notes of merge request ${number} cannot be read`, PERMISSION);
        for (const note of answer.body as Note[]) {
          if (!note.system && note.author?.id === author) found.push({ id: note.id, body: note.body ?? "" });
        }
      }
      return found.sort((a, b) => a.id - b.id);
    },
    async create(body) {
      const answer = await ask(settings, "POST", notes, { body });
      expectStatus(answer, [201], `Merge request ${number} cannot be commented on`, PERMISSION);
    },
    async update(id, body) {
      const answer = await ask(settings, "PUT", `${notes}/${id}`, { body });
      if (isGone(answer)) return false;
      expectStatus(answer, [200], `Note ${id} of merge request ${number} cannot be changed`, PERMISSION);
      return true;
    },
    async remove(id) {
      const answer = await ask(settings, "DELETE", `${notes}/${id}`);
      if (isGone(answer)) return;
      expectStatus(answer, [200, 204], `Note ${id} of merge request ${number} cannot be deleted`, PERMISSION);
    },
  };
}

function isGone({ status }: Answer): boolean {
  return status === 404;
}
