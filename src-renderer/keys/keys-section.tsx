import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { SecretOnce } from '../ui/secret-once.tsx';
import { SkeletonRows, StatePanel, UnreadPanel } from '../ui/state-panel.tsx';
import { IssueKeyForm } from './issue-key-form.tsx';
import { KeyLine } from './key-line.tsx';
import type { KeyPermission } from './key-permission.ts';
import { keysQuery, type KeyCalls } from './keys-queries.ts';
import classes from './keys-section.module.css';

export interface KeysSectionProps {
  tenantId: string;
  clientName: string;
  calls: KeyCalls;
  newKey: () => string;
  permission: KeyPermission;
  workflows: readonly { workflowId: string; name: string }[];
  /** A key was made, rotated or revoked. */
  onChanged: () => void;
}

/** A secret on its way to the operator's clipboard. */
interface Shown {
  keyName: string;
  secret: string;
  note: string;
}

/** A client's keys: who made them, when they were used last; issue, rotate, revoke. */
export function KeysSection(props: KeysSectionProps): ReactNode {
  const { permission } = props;
  if (permission.see !== null) {
    return (
      <StatePanel kind="empty" title="Keys are not for your role">
        {permission.see}
      </StatePanel>
    );
  }
  return <KeyList {...props} />;
}

function KeyList({
  tenantId,
  clientName,
  calls,
  newKey,
  permission,
  workflows,
  onChanged,
}: KeysSectionProps): ReactNode {
  const query = useQuery(keysQuery(calls, tenantId));
  const [issuing, setIssuing] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const reasonId = useId();
  const tools = { tenantId, clientName, calls, newKey, onChanged, onSecret: setShown };

  return (
    <section className={classes['keys']} aria-label={`Keys of ${clientName}`}>
      <header className={classes['head']}>
        <h3>Keys</h3>
        <button
          type="button"
          className="td-button"
          aria-expanded={issuing}
          aria-disabled={permission.change !== null}
          aria-describedby={permission.change === null ? undefined : reasonId}
          onClick={() => {
            if (permission.change === null) setIssuing(!issuing);
          }}
        >
          New key
        </button>
      </header>
      {permission.change === null ? null : (
        <p id={reasonId} className={classes['reason']}>
          {permission.change}
        </p>
      )}
      {issuing ? <IssueKeyForm {...tools} workflows={workflows} onClose={() => setIssuing(false)} /> : null}
      {query.data ? (
        query.data.keys.length === 0 ? (
          <p className={classes['reason']}>No key yet: nobody can call for this client.</p>
        ) : (
          <ul className={classes['list']} aria-label={`Keys of ${clientName}, the newest first`}>
            {query.data.keys.map((key) => (
              <KeyLine
                key={`${key.keyId} ${key.version}`}
                tenantKey={key}
                {...tools}
                forbidden={permission.change}
                reasonId={reasonId}
              />
            ))}
          </ul>
        )
      ) : query.isError ? (
        <UnreadPanel title="Keys can’t be read" query={query} />
      ) : (
        <SkeletonRows rows={3} label="Keys are on their way" />
      )}
      {shown === null ? null : (
        <Modal
          opened
          onClose={() => setShown(null)}
          closeOnClickOutside={false}
          closeOnEscape={false}
          withCloseButton={false}
          size={520}
          attributes={{ content: { 'aria-label': `Secret of ${shown.keyName}` } }}
        >
          <h2 className={classes['title']}>
            Secret of <bdi>{shown.keyName}</bdi>
          </h2>
          <SecretOnce label={`Secret of ${shown.keyName}`} secret={shown.secret} onClose={() => setShown(null)}>
            <p className={classes['reason']}>{shown.note}</p>
          </SecretOnce>
        </Modal>
      )}
    </section>
  );
}
