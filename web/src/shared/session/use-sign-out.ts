import { request } from "#shared/api/request.ts";
import { useErrorText } from "#shared/ui/error-notice.tsx";
import { toast } from "#shared/ui/toast.ts";

/** Ends the session. The page is loaded anew, so that nothing of this person, nor any plugin's script, stays in it. */
export function useSignOut(): () => void {
  const textOf = useErrorText();
  return () => {
    void request("/api/auth/logout", { method: "POST" }).then(
      () => window.location.assign("/sign-in"),
      (error: unknown) => toast.error(textOf(error)),
    );
  };
}
