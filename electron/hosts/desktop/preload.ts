/** The only thing the renderer gets of Electron: `window.thortime`, the api over two IPC channels, and the way to the window. */
import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { Command, Input, Reply, Topic, Update } from "../../core/api.ts";
import { toFault } from "../../core/faults.ts";
import { messageClient } from "../message-client.ts";
import { MESSAGE, OPEN, TAKEN } from "./bridge.ts";

const client = messageClient((request) => ipcRenderer.send(MESSAGE, JSON.stringify(request)));

ipcRenderer.on(MESSAGE, (_event, text: string) => {
  ipcRenderer.send(TAKEN, text.length);
  client.receive(JSON.parse(text) as Reply);
});

contextBridge.exposeInMainWorld("thortime", {
  // The bridge takes an error's class and fields away; a fault as a plain value arrives whole.
  call: (command: Command, input: Input<Command>) => client.call(command, input).catch((error: unknown) => Promise.reject(toFault(error))),
  subscribe: (topic: Topic, listener: (update: Update) => void) => client.subscribe(topic, (update) => listener(update)),
  open: () => ipcRenderer.send(OPEN),
  // Electron 22 (tests) has no `webUtils`; there a file says its path itself.
  pathOf: (file: File) => webUtils?.getPathForFile(file) ?? (file as { path?: string }).path ?? "",
});
