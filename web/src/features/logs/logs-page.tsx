export function LogsPage() {
  return <p>LogsPage</p>;
}
