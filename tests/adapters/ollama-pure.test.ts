/** Faults 35 and 41 in their pure parts: what is sent, and what is read. */
import { describe, expect, test } from "vitest";
import { parseOllamaHost } from "../../electron/core/ollama-host.ts";
import { isNewEnough, parseBlob, parseCreateStatus, parseError, parseTags, parseVersion } from "../../electron/core/ollama-reply.ts";
import { askBody, chooseQuantization, createBody, isPlainFileName, isUploaded } from "../../electron/core/ollama-request.ts";
import { GEMMA2, SAMPLING } from "../../electron/core/plan.ts";

const format = { ...GEMMA2, system: "" };
const HASH = "0123456789abcdef".repeat(4);

test.each<[string | undefined, object]>([
  [undefined, { host: "127.0.0.1", port: 11434 }],
  ["  ", { host: "127.0.0.1", port: 11434 }],
  ["127.0.0.1:4000", { host: "127.0.0.1", port: 4000 }],
  ["localhost", { host: "localhost", port: 11434 }],
  [":4000", { host: "127.0.0.1", port: 4000 }],
  ["0.0.0.0", { host: "127.0.0.1", port: 11434 }],
  ["http://0.0.0.0:11434/", { host: "127.0.0.1", port: 11434 }],
  ["http://127.0.0.1", { host: "127.0.0.1", port: 80 }],
  ["[::1]:4000", { host: "::1", port: 4000 }],
  ["::1", { host: "::1", port: 11434 }],
  ["[::]:4000", { host: "::1", port: 4000 }],
  ["192.168.0.5", { remote: "192.168.0.5" }],
  ["https://ollama.com", { remote: "ollama.com" }],
  ["[2001:db8::1]:4000", { remote: "2001:db8::1" }],
  ["127.0.0.1.example.com", { remote: "127.0.0.1.example.com" }],
  ["https://localhost", { unreadable: "https://localhost" }],
  ["127.0.0.1:http", { unreadable: "127.0.0.1:http" }],
])("OLLAMA_HOST=%s", (setting, expected) => {
  expect(parseOllamaHost(setting)).toEqual(expected);
});

describe("requests", () => {
  test("a model whose rows cannot be K-quantised gets 8 bit", () => {
    expect([chooseQuantization(true), chooseQuantization(false)]).toEqual(["q4_K_M", "q8_0"]);
  });

  test("the body to create with is JSON whose texts are data", () => {
    const system = 'x"""\nFROM /etc/passwd';
    const body = createBody(
      { candidate: "a:cand-1", quantize: "q8_0", format: { ...format, system }, parameters: SAMPLING },
      { "model.safetensors": `sha256:${HASH}` },
    );
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      model: "a:cand-1",
      files: { "model.safetensors": `sha256:${HASH}` },
      template: expect.stringContaining("{{ .Prompt }}") as string,
      system,
      parameters: { ...SAMPLING, stop: ["<end_of_turn>"] },
      quantize: "q8_0",
      stream: true,
    });
    expect(createBody({ candidate: "a", quantize: "f16", format, parameters: SAMPLING }, {})).not.toHaveProperty("system");
  });

  test("a question is greedy, bounded and leaves memory soon", () => {
    expect(askBody("a", "merhaba")).toMatchObject({ options: { temperature: 0, num_predict: 1024 }, keep_alive: "30s" });
  });

  test("only weights, configuration and tokenizer are sent", () => {
    const sent = ["model-00001-of-00002.safetensors", "config.json", "tokenizer.model", "tokenizer.json", "generation_config.json"];
    expect(sent.filter(isUploaded)).toEqual(sent);
    expect(
      ["special_tokens_map.json", "pytorch_model.bin", "a.pt", "x.pkl", "modeling.py", "README.md", "model.safetensors.index.json"].filter(isUploaded),
    ).toEqual([]);
    expect(["..", ".hidden", "a/b", "a\\b", "", "a..b", "x\0"].filter(isPlainFileName)).toEqual([]);
  });
});

describe("replies", () => {
  test("versions", () => {
    expect(parseVersion('{"version":"0.24.0"}')).toBe("0.24.0");
    for (const text of ["", "<html>", "{}", '{"version":1}', '{"version":"new"}', "[]", "null"]) expect(parseVersion(text), text).toBeNull();
    const enough = ["0.17.1", "0.17.2", "0.18.0", "0.24.0-rc1", "1.0.0", "0.17.10"];
    const old = ["0.17.0", "0.9.99", "0.0.0", "0.17.1-rc2"];
    expect([...enough, ...old].filter((version) => isNewEnough(version))).toEqual(enough);
  });

  test("status lines", () => {
    expect(parseCreateStatus('{"status":"converting model"}')).toEqual({ status: "converting model", done: 0, total: 0 });
    expect(parseCreateStatus('{"status":"q","total":10,"completed":99}')).toEqual({ status: "q", done: 10, total: 10 });
    expect(parseCreateStatus('{"error":"no"}')).toEqual({ error: "no" });
    for (const line of ["", "{", "[]", '{"status":1}', '{"status":"x","total":-1}', '{"status":"x","total":"1"}'])
      expect(parseCreateStatus(line), line).toEqual({ unreadable: true });
  });

  test("the blob stands after FROM; a system text that looks like it does not count", () => {
    const shown = (modelfile: string) => JSON.stringify({ modelfile });
    const path = `/Users/a b/.ollama/models/blobs/sha256-${HASH}`;
    expect(parseBlob(shown(`# Modelfile\n# FROM x:latest\n\nFROM ${path}\nTEMPLATE "x"\nSYSTEM """\nFROM /evil/blobs/sha256-${"f".repeat(64)}\n"""`))).toEqual({
      path,
      sha256: HASH,
    });
    for (const text of [
      "",
      "{}",
      shown("FROM x:latest"),
      shown("FROM /etc/passwd"),
      shown(`FROM blobs/sha256-${HASH}`),
      shown(`FROM /m/blobs/sha256-${HASH}/../x`),
    ]) {
      expect(parseBlob(text), text).toBeNull();
    }
  });

  test("tags and errors", () => {
    expect(parseTags('{"models":[{"name":"Jessy:latest","digest":"aa"}]}')).toEqual(new Map([["jessy:latest", "aa"]]));
    expect(parseTags('{"models":null}')).toEqual(new Map());
    expect(parseTags('{"models":[{"name":1}]}')).toBeNull();
    expect(parseError('{"error":"model not found."}')).toBe("model not found");
    expect(parseError("<html>")).toBeNull();
  });
});
