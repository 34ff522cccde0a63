export function ManagerPage() {
  return <p>ManagerPage</p>;
}
