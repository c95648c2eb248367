/** The part of electron-builder's configuration that is used here; the packager itself is no package of the project (provision/packager.mjs). */

export interface MacConfiguration {
  readonly target: readonly { readonly target: string; readonly arch: readonly string[] }[];
  readonly category: string;
  readonly minimumSystemVersion: string;
  readonly extendInfo: Readonly<Record<string, unknown>>;
  readonly darkModeSupport: boolean;
  readonly gatekeeperAssess: boolean;
  readonly icon?: string;
  /** `-` signs ad hoc; left out, electron-builder finds the certificate. */
  readonly identity?: string;
  readonly hardenedRuntime: boolean;
  readonly entitlements?: string;
  readonly entitlementsInherit?: string;
  readonly notarize: boolean;
}

export interface PackedContext {
  readonly appOutDir: string;
}

export interface Builder {
  build(options: { readonly targets: unknown; readonly config: object; readonly projectDir: string; readonly publish: "never" }): Promise<string[]>;
  readonly Platform: { readonly MAC: { createTarget(type: readonly string[], ...archs: readonly number[]): unknown } };
  readonly Arch: { readonly arm64: number };
}
