import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { OpenButton } from '../ui/open-button.tsx';
import { PanelSection } from '../ui/panel-section.tsx';
import { SecretOnce } from '../ui/secret-once.tsx';
import { StatePanel } from '../ui/state-panel.tsx';
import { WhenRead } from '../ui/when-read.tsx';
import panel from '../ui/panel-section.module.css';
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
  const forbidding = { forbidden: permission.change, reasonId: useId() };
  const tools = { tenantId, clientName, calls, newKey, onChanged, onSecret: setShown };

  return (
    <PanelSection
      label={`Keys of ${clientName}`}
      title="Keys"
      {...forbidding}
      aside={
        <OpenButton opened={issuing} onOpen={setIssuing} {...forbidding}>
          New key
        </OpenButton>
      }
    >
      {issuing ? <IssueKeyForm {...tools} workflows={workflows} onClose={() => setIssuing(false)} /> : null}
      <WhenRead query={query} coming="Keys are on their way" rows={3} unread="Keys can’t be read">
        {({ keys }) =>
          keys.length === 0 ? (
            <p className={panel['quiet']}>No key yet: nobody can call for this client.</p>
          ) : (
            <ul className={panel['list']} aria-label={`Keys of ${clientName}, the newest first`}>
              {keys.map((key) => (
                <KeyLine key={`${key.keyId} ${key.version}`} tenantKey={key} {...tools} {...forbidding} />
              ))}
            </ul>
          )
        }
      </WhenRead>
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
            <p className={panel['quiet']}>{shown.note}</p>
          </SecretOnce>
        </Modal>
      )}
    </PanelSection>
  );
}
