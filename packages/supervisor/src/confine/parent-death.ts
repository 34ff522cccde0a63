let works: boolean | null = null;

/** Whether `setpriv` of util-linux is there and can have the kernel kill a plugin when the host dies. */
export function canDieWithHost(): boolean {
  if (works !== null) return works;
  const setpriv = Bun.which("setpriv");
  works = setpriv !== null && Bun.spawnSync([setpriv, "--pdeathsig", "KILL", "--", "true"]).exitCode === 0;
  return works;
}
