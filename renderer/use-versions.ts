/** What stands in Ollama of ours: asked for when it is looked at, after each change, and when a model was put there meanwhile. */
import { useCallback, useEffect, useState } from "react";
import type { VersionList } from "../electron/core/api.ts";
import type { Fault } from "../electron/core/faults.ts";
import type { HomeState } from "../electron/core/home.ts";
import { useCall } from "./use-call.ts";
import { useView } from "./use-session.ts";

export interface Versions {
  /** Null until it was told. */
  readonly list: VersionList | null;
  readonly looking: boolean;
  readonly fault: Fault | null;
  readonly dismiss: () => void;
  readonly look: () => void;
}

export function useVersions({ versions, undos }: HomeState): Versions {
  const { busy, fault, call, dismiss } = useCall();
  const online = useView((view) => view.link === "online");
  const [list, setList] = useState<VersionList | null>(null);
  const look = useCallback(() => void call("versions", {}).then((done) => done && setList(done.reply)), [call]);
  const changes = `${versions.at(-1)?.digest} ${versions.length} ${undos.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the home's journal says of versions is why to ask again
  useEffect(() => {
    if (online) look();
  }, [look, online, changes]);
  return { list, looking: busy, fault, dismiss, look };
}
