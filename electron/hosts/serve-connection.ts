/**
 * Serves the api to one client, whatever carries the text: a WebSocket or Electron's IPC. The one door is here: every message is
 * parsed before anything sees it, and a client that sends what is none is closed.
 */
import { type Api, type Args, type Command, isCommand, isTopic, parseCall, type Reply, type Request, requestSchema, type Topic } from "../core/api.ts";
import { assertNever, fault, toFault } from "../core/faults.ts";
import { noteRefusal } from "./refusals.ts";
import { type Channel, type StreamLimits, Streams } from "./streams.ts";

export interface Connection {
  receive(text: string): void;
  /** The client has gone. */
  end(): void;
}

export interface ServeLimits extends StreamLimits {
  readonly topics: number;
  readonly callsAtOnce: number;
  readonly messageCharacters: number;
}

export const SERVE_LIMITS: ServeLimits = {
  highBytes: 4 * 1024 * 1024,
  lowBytes: 64 * 1024,
  lookMs: 200,
  patienceMs: 60_000,
  topics: 32,
  callsAtOnce: 32,
  messageCharacters: 1024 * 1024,
};

export function serveConnection(api: Api, channel: Channel, limits: ServeLimits = SERVE_LIMITS): Connection {
  return new ServedConnection(api, channel, limits);
}

class ServedConnection implements Connection {
  private readonly api: Api;
  private readonly channel: Channel;
  private readonly limits: ServeLimits;
  private readonly streams: Streams;
  private calls = 0;
  private isOpen = true;

  constructor(api: Api, channel: Channel, limits: ServeLimits) {
    this.api = api;
    this.channel = channel;
    this.limits = limits;
    this.streams = new Streams(api, channel, limits, () => this.close("too slow"));
  }

  receive(text: string): void {
    if (!this.isOpen) return;
    const request = text.length > this.limits.messageCharacters ? null : parseRequest(text);
    // Answers pile up as streams do: who asks without reading is not answered for ever.
    if (this.channel.backlogBytes() > 2 * this.limits.highBytes) this.close("too slow");
    else if (request === null) this.refuse("not a message of this api");
    else this.serve(request);
  }

  end(): void {
    this.isOpen = false;
    this.streams.end();
  }

  private serve(request: Request): void {
    switch (request.ask) {
      case "call":
        void this.call(request.id, request.command, request.input);
        break;
      case "subscribe":
        if (isTopic(request.topic) && this.hasRoomFor(request.topic)) this.streams.follow(request.topic);
        else this.refuse("not a topic, or too many");
        break;
      case "unsubscribe":
        if (isTopic(request.topic)) this.streams.leave(request.topic);
        else this.refuse("not a topic");
        break;
      default:
        assertNever(request);
    }
  }

  private hasRoomFor(topic: Topic): boolean {
    return this.streams.has(topic) || this.streams.size < this.limits.topics;
  }

  private async call(id: number, command: string, input: unknown): Promise<void> {
    if (this.calls >= this.limits.callsAtOnce) {
      this.send({ id, fault: fault("usage.busy", "Too many questions at once.", "Wait for an answer first.").fault });
      return;
    }
    this.calls += 1;
    try {
      const args = this.parse(command, input);
      this.send({ id, value: await this.api.call(command as Command, args) });
    } catch (error) {
      this.send({ id, fault: toFault(error) });
    } finally {
      this.calls -= 1;
    }
  }

  private parse(command: string, input: unknown): Args<Command> {
    try {
      return parseCall(command as Command, input);
    } catch (error) {
      noteRefusal(this.api, isCommand(command) ? `${command}: not its arguments` : "not a command of this api");
      throw error;
    }
  }

  private send(reply: Reply): void {
    if (this.isOpen) this.channel.send(JSON.stringify(reply));
  }

  private refuse(why: string): void {
    noteRefusal(this.api, why);
    this.close(why);
  }

  private close(why: string): void {
    this.end();
    this.channel.close(why);
  }
}

function parseRequest(text: string): Request | null {
  try {
    const parsed = requestSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
