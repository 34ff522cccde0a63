export function ViewPage() {
  return <p>ViewPage</p>;
}
