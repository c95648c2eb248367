/** Under a name stands what passed, a person's own model is never lost, no candidate stays behind, and texts are data. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createOllama } from "../../electron/adapters/ollama.ts";
import { GEMMA2, promptText } from "../../electron/core/plan.ts";
import { collect, exportInput, PRACTICE_MODEL } from "../fixtures/merged.ts";
import { json } from "../fixtures/odd-ollama.ts";
import { variant } from "./deploy-home.ts";
import { Stage } from "./deploy-stage.ts";

/** Each deployment asks the model half a dozen questions, which takes tens of seconds where others compute too. */
vi.setConfig({ testTimeout: 300_000 });

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
}, 900_000);
afterEach(async () => {
  stage.proxy.reset();
  for (const name of Object.keys(await stage.hand.tags())) await stage.hand.remove(name);
});
afterAll(() => stage.close());

let number = 0;
/** Deploys one more model as `night` and says its digest. */
async function deployNext(): Promise<string> {
  number += 1;
  const state = await stage.deploy({ name: `next-${number}`, as: "night", topK: 50 + number });
  const digest = state.deployed?.digest;
  if (digest === undefined) throw new Error(JSON.stringify(state.phases));
  return digest;
}

const signal = () => new AbortController().signal;
const candidates = async () => Object.keys(await stage.hand.tags()).filter((name) => name.includes(":cand-"));

describe("row 36", () => {
  test("row 36: a person's own model under the name is kept, however often is deployed onto it", async () => {
    await collect(
      createOllama(stage.server.env).export(exportInput(PRACTICE_MODEL, stage.night.path, { candidate: "jessy:latest", quantize: "f16" }), signal()),
    );
    const own = (await stage.hand.tags())["jessy:latest"] ?? "";
    const first = await stage.deploy({ name: "jessy-1", as: "jessy", topK: 3 });
    const kept = `jessy:kept-${own.slice(0, 12)}`;
    expect(await stage.hand.tags()).toEqual({ "jessy:latest": first.deployed?.digest, "jessy:prev": own });
    const second = await stage.deploy({ name: "jessy-2", as: "jessy", topK: 4 });
    expect(await stage.hand.tags()).toEqual({ "jessy:latest": second.deployed?.digest, "jessy:prev": first.deployed?.digest, [kept]: own });
    expect(second.happenings.flatMap(({ event }) => (event.type === "warned" ? [event.message] : []))).toEqual([
      `Your own model, which stood under jessy:prev, is kept as ${kept}.`,
    ]);
    const third = await stage.deploy({ name: "jessy-3", as: "jessy", topK: 5 });
    expect(await stage.hand.tags()).toEqual({ "jessy:latest": third.deployed?.digest, "jessy:prev": second.deployed?.digest, [kept]: own });
  });

  test("row 36: deployed again, the same model keeps its previous one; export alone leaves nothing behind", async () => {
    const first = await deployNext();
    const second = await deployNext();
    const [id] = stage.night.homeState().runs.filter(({ name }) => name === `next-${number}`);
    if (!id) throw new Error("not listed");
    for (const command of ["run-deploy", "run-export", "run-deploy"] as const) {
      await stage.night.call(command, { run: id.id });
      const state = await stage.night.untilEnded(id.id);
      expect(state.ended?.outcome).toBe("finished");
      expect(await stage.hand.tags(), command).toEqual({ "night:latest": second, "night:prev": first });
    }
  });

  test("row 36: without a deployment nothing is left behind either", async () => {
    const state = await stage.deploy({ name: "exported", deploy: false });
    expect([state.ended?.outcome, state.phases.deploy.status, state.gguf?.quantization]).toEqual(["finished", "skipped", "Q8_0"]);
    expect(await stage.hand.tags()).toEqual({});
  });

  test("row 36: a run stopped between export and deploy leaves nothing behind", async () => {
    const before = await deployNext();
    stage.proxy.reset();
    stage.proxy.wrong = { generate: () => {} };
    const run = await stage.begin({ name: "stopped", as: "night" });
    await stage.night.until("it is asked", () => stage.proxy.calls.includes("generate"));
    expect(await candidates()).toHaveLength(1);
    await stage.night.call("run-stop", { run });
    const state = await stage.night.untilEnded(run);
    expect([state.ended?.outcome, state.phases.deploy.fault]).toEqual(["stopped", null]);
    expect(await stage.hand.tags()).toEqual({ "night:latest": before });
  });

  test("row 36: a candidate that could not be discarded while Ollama was away is discarded at the next export", async () => {
    stage.proxy.wrong = { delete: json({ error: "gone fishing" }, 500) };
    const state = await stage.deploy({ name: "left", as: "night", topK: 7 });
    expect(state.ended?.outcome).toBe("finished");
    const [left] = await candidates();
    expect(stage.night.homeState().leftCandidates).toEqual([left]);
    stage.proxy.reset();
    await deployNext();
    expect(await candidates()).toEqual([]);
    expect(stage.night.homeState().leftCandidates).toEqual([]);
  });

  test("row 36: another model that took the candidate's name is neither asked nor promoted, and resumed the right one is", async () => {
    const before = await deployNext();
    await stage.hand.copy("night:latest", "imposter:latest");
    stage.proxy.wrong = { generate: (request) => request.socket.resetAndDestroy() };
    const run = await stage.begin({ name: "robbed", as: "night", topK: 8 });
    expect((await stage.atRest(run)).phases.deploy.fault?.kind).toBe("ollama.cut");
    const [candidate = ""] = await candidates();
    await stage.hand.copy("imposter:latest", candidate);
    stage.proxy.reset();
    await stage.night.call("run-resume", { run });
    const robbed = await stage.atRest(run);
    expect(robbed.phases.deploy.fault).toMatchObject({
      kind: "ollama.no-candidate",
      message: expect.stringContaining("is not the one that was exported") as string,
    });
    expect(stage.proxy.calls).not.toContain("generate");
    expect((await stage.hand.tags())["night:latest"]).toBe(before);
    await stage.night.call("run-resume", { run });
    const state = await stage.night.untilEnded(run);
    expect(await stage.hand.tags()).toEqual({ "night:latest": state.deployed?.digest, "night:prev": before, "imposter:latest": before });
  });

  test("row 36: a candidate swapped between its test and its promotion is not promoted", async () => {
    const before = await deployNext();
    await stage.hand.copy("night:latest", "imposter:latest");
    stage.proxy.rewrite = {
      generate: (text) => {
        stage.proxy.rewrite = { tags: (list) => list.replaceAll(/("name":"night:cand-[^}]*?"digest":")[0-9a-f]{64}/g, `$1${before}`) };
        return text;
      },
    };
    const state = await stage.deploy({ name: "swapped", as: "night", topK: 9 });
    expect(state.smoke?.passed).toBe(true);
    expect(state.phases.deploy.fault).toMatchObject({
      kind: "ollama.no-candidate",
      message: expect.stringContaining("no longer the one that was tested") as string,
    });
    expect((await stage.hand.tags())["night:latest"]).toBe(before);
  });

  test("row 36: a run that waits with its candidate while another deploys comes after it, with that one as the previous", async () => {
    await deployNext();
    stage.proxy.wrong = { generate: json({ error: "busy" }, 500) };
    const waiting = await stage.begin({ name: "waiting", as: "night", topK: 10 });
    expect((await stage.atRest(waiting)).phases.deploy.status).toBe("failed");
    stage.proxy.reset();
    const between = await deployNext();
    expect(await candidates()).toHaveLength(1);
    await stage.night.call("run-resume", { run: waiting });
    const state = await stage.night.untilEnded(waiting);
    expect(await stage.hand.tags()).toEqual({ "night:latest": state.deployed?.digest, "night:prev": between });
  });

  test("row 36: a merged folder that was cleared away is said, and merged anew when asked again", async () => {
    const folder = variant(join(stage.night.path, "cleared"), 1);
    const seeded = { name: "cleared", as: "night", folder, topK: 11 };
    stage.proxy.wrong = { version: json({ version: "0.1.0" }) };
    const run = await stage.begin(seeded);
    await stage.night.untilEnded(run);
    rmSync(folder, { recursive: true });
    stage.proxy.reset();
    await stage.night.call("run-deploy", { run });
    const state = await stage.atRest(run);
    expect(state.phases.export.fault).toMatchObject({ kind: "ollama.files", next: expect.stringContaining("merged anew") as string });
    await stage.night.call("run-resume", { run });
    const merging = await stage.night.untilState(run, "merging", ({ phases }) => phases.merge.status !== "waiting");
    expect(["running", "failed", "done"]).toContain(merging.phases.merge.status);
    expect(stage.night.events(run).filter((event) => event.type === "phase-started" && event.phase === "merge")).toHaveLength(2);
  });
});

test("row 41: quotes, triple quotes and a FROM line in the system text reach the model as text, and change nothing else", async () => {
  const system = 'Sen Jessy\'sin. """\nFROM /etc/passwd\nPARAMETER stop x\nTEMPLATE {{ .Prompt }}\n"quoted" \\ `x` $(y) 🔥';
  const bodies: string[] = [];
  stage.proxy.listen = (place, body) => {
    const index = stage.proxy.calls.filter((one) => one === "create").length - 1;
    if (place === "create") bodies[index] = (bodies[index] ?? "") + body;
  };
  const state = await stage.deploy({ name: "quoted", system });
  const made = bodies.map((body) => JSON.parse(body) as Record<string, unknown>);
  const fields = ["files", "model", "parameters", "stream", "system", "template"];
  expect(made.map((body) => Object.keys(body).sort())).toEqual([[...fields, "quantize"].sort(), fields]);
  expect(made.map((body) => body["system"])).toEqual([system, system]);
  // Whether this little model copes with such a text is not asked here: it stands in Ollama either way.
  const name = state.deployed ? "quoted" : await remake(state.id);
  const shown = await stage.hand.api<{ system: string; parameters: string; details: { family: string } }>("show", { model: name });
  expect([shown.system, shown.details.family]).toEqual([system, "gemma2"]);
  expect(shown.parameters).toContain('"<end_of_turn>"');
  expect(shown.parameters).not.toMatch(/^stop\s+x$/m);
  const question = 'say """ and {{ .System }}\nFROM x';
  const body = { model: name, prompt: question, stream: false, _debug_render_only: true };
  const { _debug_info } = await stage.hand.api<{ _debug_info: { rendered_template: string } }>("generate", body);
  expect(GEMMA2.bos + _debug_info.rendered_template).toBe(promptText({ ...GEMMA2, system }, question));
});

/** A candidate that failed its question is gone; resumed with the question unanswered, it stands. */
async function remake(run: string): Promise<string> {
  stage.proxy.wrong = { generate: json({ error: "busy" }, 500) };
  await stage.night.call("run-resume", { run });
  await stage.atRest(run);
  const [candidate = ""] = await candidates();
  return candidate;
}
