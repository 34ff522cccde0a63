import { z } from "zod";

export const role = z.enum(["admin", "user"]);
export const tokenScope = z
  .enum(["read", "manage"])
  .meta({ description: "`read` sees and uses; `manage` does all that the role of its user may" });

/** Longer ones would only cost the hash time. */
const MAX_PASSWORD_CHARACTERS = 1024;
const username = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, hyphens or underscores");
const newPassword = z
  .string()
  .min(10, "must have at least 10 characters")
  .max(MAX_PASSWORD_CHARACTERS, `must have at most ${MAX_PASSWORD_CHARACTERS} characters`);
const anyPassword = z.string().max(MAX_PASSWORD_CHARACTERS);

export const loginSchema = z.object({ username: z.string().max(200), password: anyPassword }).meta({ id: "Login" });
export const setupSchema = z
  .object({ token: z.string().max(200).meta({ description: "From the one-time link" }), password: newPassword })
  .meta({ id: "Setup" });
export const passwordChangeSchema = z
  .object({ current_password: anyPassword, new_password: newPassword })
  .meta({ id: "PasswordChange" });
export const newUserSchema = z.object({ username, password: newPassword, role }).meta({ id: "NewUser" });

export const userSchema = z.object({ username: z.string(), role }).meta({ id: "User" });
export const userListSchema = z.array(userSchema.extend({ created_at: z.iso.datetime() }));
export const meSchema = userSchema.extend({
  via: z.enum(["session", "token", "local"]).meta({ description: "`local`: the host's own control socket" }),
  scope: tokenScope,
});

export const newTokenSchema = z
  .object({
    name: z.string().min(1).max(100),
    scope: tokenScope.default("read"),
    expires_in_days: z.int().min(1).max(3650).nullable().default(90).meta({ description: "Null: never" }),
  })
  .meta({ id: "NewToken" });

export const tokenSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    scope: tokenScope,
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "Token" });
export const tokenListSchema = z.array(tokenSchema);
export const createdTokenSchema = tokenSchema.extend({ token: z.string().meta({ description: "Shown once" }) });

export type Role = z.infer<typeof role>;
export type TokenScope = z.infer<typeof tokenScope>;
export type User = z.infer<typeof userSchema>;
export type ListedUser = z.infer<typeof userListSchema>[number];
export type Me = z.infer<typeof meSchema>;
export type NewUser = z.input<typeof newUserSchema>;
export type NewToken = z.input<typeof newTokenSchema>;
export type Token = z.infer<typeof tokenSchema>;
export type CreatedToken = z.infer<typeof createdTokenSchema>;
