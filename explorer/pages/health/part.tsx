import type { ComponentChildren } from 'preact';
import type { Resource } from '../../api/use-resource.js';
import { ProblemNotice } from '../../layout/problem-notice.js';
import { NeedsScope } from '../../session/needs-scope.js';
import controls from '../../style/controls.module.css';
import styles from './health.module.css';

/** A part of the page. If its route is missing, forbidden or failing, it says so without affecting the other parts. */
export function Part<T>({
  title,
  note,
  scope,
  of,
  children,
}: {
  title: string;
  /** The scope that its route needs. */
  scope: 'read' | 'admin';
  /** A short description of what the part shows. */
  note?: string;
  of: Resource<T>;
  children: (data: T) => ComponentChildren;
}) {
  const { data, problem } = of;
  return (
    <section class={styles.part} aria-busy={data === null && problem === null}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <p class={controls.muted}>{note}</p>}
      </header>
      <Refusal title={title} scope={scope} of={of} />
      {data !== null && children(data)}
      {data === null && problem === null && <div class={`${controls.card} ${styles.skeleton}`} />}
    </section>
  );
}

function Refusal({ title, scope, of }: { title: string; scope: 'read' | 'admin'; of: Resource<unknown> }) {
  if (of.problem?.status === 403) return <NeedsScope what="This part" scope={scope} />;
  if (of.problem?.status === 404) return <p class={controls.muted}>This service does not offer this part: {title}.</p>;
  return <ProblemNotice of={of} />;
}
