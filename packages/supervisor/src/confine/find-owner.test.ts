import { afterEach, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { StartFault } from "../process/start-fault.ts";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { findOwner } from "./find-owner.ts";

const isRoot = process.getuid?.() === 0 && Bun.which("setpriv") !== null;
const PATH = process.env["PATH"];

afterEach(() => {
  process.env["PATH"] = PATH;
});

test.skipIf(!isRoot)(
  "a machine that does not say who a user is is not waited for: it is short of that just then",
  async () => {
    await using folder = await temporaryFolder();
    const getent = join(folder.path, "getent");
    await Bun.write(getent, "#!/bin/sh\nexec sleep 1000\n");
    await chmod(getent, 0o755);
    process.env["PATH"] = `${folder.path}:${PATH}`;
    const fault: unknown = await findOwner("acme", 50).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StartFault);
    expect(fault).toMatchObject({
      faultOf: "host",
      message: expect.stringContaining("getent passwd acme must answer"),
    });
  },
);

test.skipIf(!isRoot)(
  "a user is found by name or number; one that there is not is a fault of the settings",
  async () => {
    expect(await findOwner(null)).toBeNull();
    expect(await findOwner("root")).toEqual({ uid: 0, gid: 0 });
    expect(await findOwner("4711")).toEqual({ uid: 4711, gid: 4711 });
    const fault: unknown = await findOwner("no-such-user").catch((error: unknown) => error);
    expect(fault).toMatchObject({ faultOf: "file", message: expect.stringContaining("there is no such user") });
  },
);
