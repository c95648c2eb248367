/** Switches burnt into the Electron binary: what an attacker's environment, arguments or files can no longer turn on (reliability.md, row 47). */
export const FUSES = {
  /** Otherwise ELECTRON_RUN_AS_NODE makes our signed app a Node that runs anything. */
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  /** Our pages come over a scheme of our own. */
  grantFileProtocolExtraPrivileges: false,
} as const;
