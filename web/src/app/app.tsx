import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ErrorBoundary, type FallbackProps } from "react-error-boundary";
import { I18nProvider } from "#shared/i18n/i18n-provider.tsx";
import { ErrorNotice } from "#shared/ui/error-notice.tsx";
import { queryClient } from "./query-client.ts";
import { router } from "./router.tsx";
import { Toasts } from "./shell/toasts.tsx";

export function App() {
  return (
    <I18nProvider>
      <ErrorBoundary FallbackComponent={Failure}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </ErrorBoundary>
    </I18nProvider>
  );
}

function Failure({ error, resetErrorBoundary }: FallbackProps) {
  return <ErrorNotice error={error} onRetry={resetErrorBoundary} />;
}
