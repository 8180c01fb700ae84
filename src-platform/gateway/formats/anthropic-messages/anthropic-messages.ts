import type { WireFormat } from '../../calls/wire-format.ts';
import { errorBody } from './error-body.ts';
import { readMessagesCall } from './messages-request.ts';
import { usageOfAnswer } from './messages-usage.ts';
import { providerHeaders, providerPath } from './provider-request.ts';

/** Anthropic's messages. */
export const anthropicMessages: WireFormat = {
  dialect: 'anthropic',
  operation: 'chat',
  path: '/v1/messages',
  providerPath,
  providerHeaders,
  read: readMessagesCall,
  usageOfAnswer,
  errorBody,
};
