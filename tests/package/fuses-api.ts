/** The part of @electron/fuses that the tests call; the package itself comes with the packager (build/provision/packager.mjs). */
export declare function getCurrentFuseWire(app: string): Promise<Readonly<Record<number, number>>>;
export declare const FuseV1Options: {
  readonly RunAsNode: number;
  readonly EnableCookieEncryption: number;
  readonly EnableNodeOptionsEnvironmentVariable: number;
  readonly EnableNodeCliInspectArguments: number;
  readonly EnableEmbeddedAsarIntegrityValidation: number;
  readonly OnlyLoadAppFromAsar: number;
  readonly GrantFileProtocolExtraPrivileges: number;
};
