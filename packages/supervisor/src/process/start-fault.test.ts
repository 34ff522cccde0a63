import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.fixture.ts";
import { checkInterpreter, shortageOf, StartFault } from "./start-fault.ts";

const PATH = "/usr/bin:/bin";

async function fault(text: string): Promise<string | null> {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "acme.binary");
  await Bun.write(path, text);
  return await checkInterpreter(path, PATH).then(
    () => null,
    (error: unknown) => (error instanceof StartFault && error.faultOf === "file" ? error.message : String(error)),
  );
}

test.each([
  ["#!/bin/sh\n", null],
  ["#! /usr/bin/env sh\n", null],
  ["#!/usr/bin/env -S sh -e\n", null],
  ["\u007fELF and so on", null],
  ["#!/no/such/python\n", "ENOENT: its interpreter /no/such/python does not exist"],
  ["#!/usr/bin/env no-such-python\n", "ENOENT: its interpreter no-such-python is nowhere on the PATH"],
  ["#!/etc/passwd\n", "EACCES: its interpreter /etc/passwd is not executable"],
])("%j: %s", async (text, words) => {
  const found = await fault(text);
  if (words === null) expect(found).toBeNull();
  else expect(found).toContain(words);
});

test.each(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"])("%s is the machine's shortage, and passes", (code) => {
  const fault = shortageOf(Object.assign(new Error("spawn"), { code }));
  expect(fault).toBeInstanceOf(StartFault);
  expect(fault).toMatchObject({ faultOf: "host", message: expect.stringContaining(code) });
});

test("any other error stays what it is", () => {
  const error = new Error("no pipes");
  expect(shortageOf(error)).toBe(error);
});
