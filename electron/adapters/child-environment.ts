/** What a child process may know of our environment: a short list, so that no secret travels by accident. */

const ALLOWED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TMPDIR",
  "TZ",
  "XDG_DATA_HOME",
  "XDG_CACHE_HOME",
  "HF_ENDPOINT",
  "HF_HOME",
  "HF_TOKEN",
  "HF_HUB_OFFLINE",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "THORTIME_HOME",
  "THORTIME_LEASE_STALE_S",
  "OLLAMA_HOST",
] as const;

export function childEnvironment(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): Record<string, string> {
  const child: Record<string, string> = { PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1", PYTHONUTF8: "1", TOKENIZERS_PARALLELISM: "false" };
  for (const name of ALLOWED) {
    const value = env[name];
    if (value !== undefined) child[name] = value;
  }
  // Off a Mac, Unsloth's MLX engine is imported without its GPU set-up.
  if (platform !== "darwin") child["UNSLOTH_ZOO_DISABLE_GPU_INIT"] = "1";
  // On a Mac the display watchdog kills long GPU work (mlx#3267); this relaxes its timeout.
  else child["AGX_RELAX_CDM_CTXSTORE_TIMEOUT"] = "1";
  return child;
}
