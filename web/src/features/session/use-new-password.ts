import { type RefObject, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { RequestError } from "#shared/api/request.ts";

/** What the host asks of a new password. */
export const MIN_PASSWORD_CHARACTERS = 10;

interface Typed {
  password: string;
  repeated: string;
  /** Whoever sees what was typed needs not type it again. */
  isShown: boolean;
}

export interface NewPasswordProblem {
  field: "password" | "repeated";
  text: string;
}

export interface NewPasswordFieldsState {
  value: Typed;
  onChange: (value: Typed) => void;
  problem: NewPasswordProblem | null;
  passwordRef: RefObject<HTMLInputElement | null>;
  repeatedRef: RefObject<HTMLInputElement | null>;
}

export interface NewPassword {
  password: string;
  /** For `NewPasswordFields`. */
  fields: NewPasswordFieldsState;
  /** Whether it may be sent. If not, the fields say why from now on; `focus` puts the focus there too. */
  check: (options?: { focus: boolean }) => boolean;
  clear: () => void;
}

const EMPTY: Typed = { password: "", repeated: "", isShown: false };

/** A new password while it is typed. `refusal`: what the host said of it. */
export function useNewPassword(refusal: string | null): NewPassword {
  const problemOf = useProblemOf();
  const [value, setValue] = useState(EMPTY);
  const [wasTried, setTried] = useState(false);
  const passwordRef = useRef<HTMLInputElement>(null);
  const repeatedRef = useRef<HTMLInputElement>(null);
  const own = wasTried ? problemOf(value) : null;
  const problem = own ?? (refusal === null ? null : ({ field: "password", text: refusal } as const));
  return {
    password: value.password,
    fields: { value, onChange: setValue, problem, passwordRef, repeatedRef },
    check: ({ focus } = { focus: true }) => {
      setTried(true);
      const found = problemOf(value);
      if (found === null) return true;
      if (focus) (found.field === "password" ? passwordRef : repeatedRef).current?.focus();
      return false;
    },
    clear: () => {
      setValue(EMPTY);
      setTried(false);
    },
  };
}

/** What the host said of one field; null where it said nothing of it. */
export function fieldRefusal(error: unknown, field: string): string | null {
  if (!(error instanceof RequestError)) return null;
  return error.problem?.errors?.find((problem) => problem.field === field)?.message ?? null;
}

function useProblemOf(): (value: Typed) => NewPasswordProblem | null {
  const t = useTranslations("session");
  return ({ password, repeated, isShown }) => {
    const count = MIN_PASSWORD_CHARACTERS - password.length;
    if (count > 0) return { field: "password", text: t("passwordTooShort", { count }) };
    if (!isShown && password !== repeated) return { field: "repeated", text: t("passwordsDiffer") };
    return null;
  };
}
