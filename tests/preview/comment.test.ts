import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { comment, type CommentOptions } from "../../preview/comment";
import { Forges, ME } from "./forges";

describe("the comment of a pull or merge request", () => {
  let forges: Forges;
  let folder: string;
  let waits: number[];
  let lines: string[];
  beforeEach(async () => {
    forges = new Forges();
    await forges.listen();
    folder = mkdtempSync(path.join(os.tmpdir(), "flink-kubernetes-comment-"));
    [waits, lines] = [[], []];
  });
  afterEach(() => {
    forges.close();
    rmSync(folder, { recursive: true });
  });

  const summary = () => path.join(folder, "summary.md");
  const environments = {
    github: () => ({
      GITHUB_API_URL: `${forges.url}/github`,
      GITHUB_TOKEN: "token",
      GITHUB_REPOSITORY: "o/r",
      GITHUB_EVENT_PATH: "event.json",
      GITHUB_RUN_ID: "20",
      GITHUB_STEP_SUMMARY: summary(),
    }),
    gitlab: () => ({
      CI_API_V4_URL: `${forges.url}/gitlab`,
      GITLAB_TOKEN: "token",
      CI_PROJECT_ID: "42",
      CI_MERGE_REQUEST_IID: "5",
      CI_PIPELINE_ID: "20",
    }),
  };
  type Name = keyof typeof environments;
  const post = (name: Name, more: Partial<CommentOptions> & { event?: unknown; env?: object } = {}) => {
    const { event = { pull_request: { number: 5 } }, env = {}, ...rest } = more;
    return comment({
      project: "p",
      stack: "dev",
      commit: "abc",
      report: "# The report",
      environment: { ...environments[name](), ...env },
      readEvent: () => event,
      sleep: async (milliseconds) => void waits.push(milliseconds),
      now: () => 1_000_000,
      say: (line) => lines.push(line),
      ...rest,
    });
  };
  const mark = (run: number, stack = "dev") =>
    `<!-- flink-kubernetes-preview p/${stack} run=${run} commit=abc -->\n`;

  for (const name of ["github", "gitlab"] as const) {
    describe(name, () => {
      it("is made once and changed from then on, with the token of the environment", async () => {
        assert.equal(await post(name), "created");
        assert.equal(await post(name), "unchanged");
        assert.equal(await post(name, { report: "# Another" }), "updated");
        assert.deepEqual(forges.ours(), [`${mark(20)}# Another`]);
        const header = name === "github" ? "authorization" : "private-token";
        assert.match(String(forges.requests[0]!.headers[header]), /token$/);
      });

      it("is found behind hundreds of others, and by its author: not a copy of it by somebody else, not another stack's", async () => {
        for (let i = 0; i < 250; i++) forges.add(`comment ${i}`);
        forges.add(`${mark(1)}quoted by somebody`);
        forges.add(`${mark(1, "devel")}of another stack`, ME);
        forges.add(`> ${mark(1)}said inside another report`, ME);
        forges.add(`${mark(1)}old`, ME);
        assert.equal(await post(name), "updated");
        assert.equal(forges.comments.length, 254);
        assert.equal(forges.comments.at(-1)!.body, `${mark(20)}# The report`);
        assert.equal(forges.comments.filter(({ body }) => body.includes("# The report")).length, 1);
      });

      it("takes duplicates away", async () => {
        for (const text of ["a", "b", "c"]) forges.add(mark(1) + text, ME);
        assert.equal(await post(name), "updated");
        assert.deepEqual(forges.ours(), [`${mark(20)}# The report`]);
      });

      it("is one when two runs make it at the same time", async () => {
        forges.after = ({ method }, count) => {
          if (method === "POST" && count === 1) forges.add(`${mark(19)}of the other run`, ME);
          return undefined;
        };
        assert.equal(await post(name), "created");
        assert.deepEqual(forges.ours(), [`${mark(20)}# The report`]);
      });

      it("of a later run stays, and is the only one", async () => {
        forges.add(`${mark(3)}old`, ME);
        forges.add(`${mark(21)}newer`, ME);
        assert.equal(await post(name), "superseded");
        assert.deepEqual(forges.ours(), [`${mark(21)}newer`]);
      });

      it("that somebody edits or deletes meanwhile is made right", async () => {
        const stored = forges.add(`${mark(1)}old`, ME);
        const changing = name === "github" ? "PATCH" : "PUT";
        forges.after = ({ method }, count) => {
          if (method === changing && count === 1) stored.body = `${mark(1)}edited by a person`;
          return undefined;
        };
        assert.equal(await post(name), "updated");
        assert.deepEqual(forges.ours(), [`${mark(20)}# The report`]);
        forges.after = () => undefined;
        forges.before = ({ method }) => {
          if (method === changing) forges.comments = [];
          return undefined;
        };
        assert.equal(await post(name, { report: "# Third" }), "created");
        assert.deepEqual(forges.ours(), [`${mark(20)}# Third`]);
      });

      it("is right also where the forge keeps a text in its own way", async () => {
        forges.after = () => {
          for (const stored of forges.comments)
            stored.body = stored.body.replace("The report", "The  report");
          return undefined;
        };
        assert.equal(await post(name), "created");
        assert.equal(forges.ours().length, 1);
      });

      it("waits as long as a rate limit says", async () => {
        forges.before = ({ method }, count) =>
          method === "POST" && count === 1 ? { status: 429, headers: { "retry-after": "17" } } : undefined;
        assert.equal(await post(name), "created");
        assert.deepEqual(waits, [17_000]);
        assert.match(lines.join(), /limits requests; going on in 17 s/);
        assert.equal(forges.ours().length, 1);
      });

      it("does not wait for an hour", async () => {
        forges.before = () => ({ status: 429, headers: { "retry-after": "3600" } });
        await assert.rejects(post(name), /asks to wait 3600 s: run this step again later/);
        assert.deepEqual(waits, []);
      });

      it("is one when the forge made it and its answer was lost, or was an error", async () => {
        forges.after = ({ method }, count) => {
          if (method === "POST" && count === 1) return { status: 502, body: "bad gateway" };
          return undefined;
        };
        assert.equal(await post(name), "unchanged");
        assert.equal(forges.ours().length, 1);
        forges.comments = [];
        forges.after = ({ method }, count) => {
          if (method === "POST" && count === 2) return { status: 0, broken: true };
          return undefined;
        };
        assert.equal(await post(name), "unchanged");
        assert.equal(forges.ours().length, 1);
      });

      it("gets through errors that pass, and gives up on those that do not, with bounded tries", async () => {
        forges.before = (_request, count) => (count % 3 === 0 ? undefined : { status: 503 });
        assert.equal(await post(name), "created");
        assert.equal(forges.ours().length, 1);
        forges.requests = [];
        forges.before = () => ({ status: 500, body: { message: "broken" } });
        await assert.rejects(post(name, { report: "# Other" }), /HTTP 500 \(broken\)/);
        assert.ok(forges.requests.length <= 25, `${forges.requests.length} requests`);
      });

      it("says which permission is missing", async () => {
        forges.before = ({ method }) =>
          method === "POST"
            ? { status: 403, body: { message: "Resource not accessible by integration" } }
            : undefined;
        const wanted =
          name === "github" ? /pull-requests: write/ : /GITLAB_TOKEN must be a project access token/;
        await assert.rejects(post(name), (error: Error) => {
          assert.match(error.message, /HTTP 403 \(Resource not accessible by integration\)/);
          assert.match(error.message, wanted);
          return true;
        });
        assert.deepEqual(waits, [], "a refusal is no rate limit");
        if (name === "github") assert.equal(readFileSync(summary(), "utf8"), "# The report\n");
      });

      it("is cut at the end of a line when it is too long", async () => {
        assert.equal(await post(name, { report: "0123456789\n".repeat(20_000) }), "created");
        const [body] = forges.ours();
        assert.ok(body!.length <= 65_536, String(body!.length));
        assert.match(body!, /\n0123456789\n\n…\n\nThis is not all/);
        assert.equal(await post(name, { report: "0123456789\n".repeat(20_000) }), "unchanged");
      });
    });
  }

  it("a name cannot end the hidden line", async () => {
    await post("github", { stack: "a --> <img>", commit: "x-->y" });
    assert.match(
      forges.ours()[0]!,
      /^<!-- flink-kubernetes-preview p\/a%20%2D%2D%3E%20%3Cimg%3E run=20 commit=x%2D%2D%3Ey -->\n/,
    );
  });

  it("GitHub's limits: a 403 with a reset time, and a secondary one without any", async () => {
    forges.before = ({ method }, count) => {
      if (method !== "POST" || count > 2) return undefined;
      return count === 1
        ? { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1030" } }
        : { status: 403, body: { message: "You have exceeded a secondary rate limit" } };
    };
    assert.equal(await post("github"), "created");
    assert.deepEqual(waits, [30_000, 60_000]);
  });

  it("a list that leads elsewhere is not followed with the token", async () => {
    forges.before = ({ path }) =>
      path.includes("/comments")
        ? { status: 200, body: [], headers: { link: '<https://elsewhere.example.com/?page=2>; rel="next"' } }
        : undefined;
    await assert.rejects(post("github"), /The next page is not below/);
  });

  describe("after the run of a fork", () => {
    const run = {
      event: "pull_request",
      head_sha: "abc",
      head_branch: "fix",
      head_repository: { owner: { login: "fork" } },
    };

    it("is on the open pull request of the event's commit, whatever was uploaded", async () => {
      forges.pulls = [
        { number: 4, head: { sha: "older" }, label: "fork:fix" },
        { number: 5, head: { sha: "abc" }, label: "fork:fix" },
        { number: 6, head: { sha: "abc" }, label: "other:fix" },
      ];
      assert.equal(
        await post("github", { event: { workflow_run: run }, commit: "of the artifact" }),
        "created",
      );
      assert.equal(forges.ours()[0], `${mark(20)}# The report`);
    });

    it("is nowhere when the pull request has gone on, is closed, or is none", async () => {
      forges.pulls = [{ number: 5, head: { sha: "newer" }, label: "fork:fix" }];
      assert.equal(await post("github", { event: { workflow_run: run } }), "nowhere");
      assert.match(lines.join(), /no open pull request of fork:fix has abc as its newest commit/);
      assert.equal(await post("github", { event: { workflow_run: { ...run, event: "push" } } }), "nowhere");
      assert.equal(await post("github", { event: {} }), "nowhere");
      assert.deepEqual(forges.comments, []);
    });
  });

  it("outside of a forge's job: says what is missing", async () => {
    await assert.rejects(post("github", { environment: {} }), /GITHUB_API_URL is not set/);
    await assert.rejects(post("github", { env: { GITHUB_TOKEN: "" } }), /GITHUB_TOKEN is not set/);
    assert.equal(await post("gitlab", { env: { CI_MERGE_REQUEST_IID: undefined } }), "nowhere");
  });
});
