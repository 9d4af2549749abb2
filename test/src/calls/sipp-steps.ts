/** Pieces that sipp scenarios are made of. In messages `[…]` are sipp's own variables. */

const SDP = `v=0
o=sipp 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
`;

export interface RequestOptions {
  readonly cseq: number;
  readonly headers?: readonly string[];
  /** With an offer or answer in it. */
  readonly sdp?: boolean;
  readonly attributes?: string;
  /** Inside the dialog. */
  readonly inDialog?: boolean;
  /** With the branch of the message so many steps before: CANCEL, and the ACK of a refusal, belong to their INVITE. */
  readonly branchOf?: number;
}

/** A request to be sent. */
export function send(
  method: string,
  { cseq, headers = [], sdp = false, attributes = "", inDialog = true, branchOf }: RequestOptions,
): string {
  const lines = [
    `${method} ${inDialog ? "[next_url]" : "sip:[service]@[remote_ip]:[remote_port]"} SIP/2.0`,
    `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branchOf === undefined ? "[branch]" : `[branch-${branchOf}]`};rport`,
    "From: <sip:sipp@[local_ip]:[local_port]>;tag=[pid]x[call_number]",
    `To: <sip:[service]@[remote_ip]:[remote_port]>${inDialog ? "[peer_tag_param]" : ""}`,
    "Call-ID: [call_id]",
    `CSeq: ${cseq} ${method}`,
    "Contact: <sip:sipp@[local_ip]:[local_port]>",
    "Max-Forwards: 70",
    ...headers,
    ...(sdp ? ["Content-Type: application/sdp"] : []),
    "Content-Length: [len]",
    "",
    ...(sdp ? [SDP.trimEnd()] : []),
  ];
  return `<send ${attributes}><![CDATA[\n\n${lines.join("\n")}\n\n]]></send>`;
}

/** A response to wait for. */
export const receive = (status: number, attributes = ""): string => `<recv response="${status}" rrs="true" ${attributes}></recv>`;
export const perhaps = (status: number): string => receive(status, 'optional="true"');
/** A request of the box to wait for. */
export const receiveRequest = (method: string, attributes = ""): string => `<recv request="${method}" ${attributes}></recv>`;

/** Answers the request that came last. */
export const respond = (
  status: number,
  reason: string,
  { headers = [], sdp = false }: { headers?: readonly string[]; sdp?: boolean } = {},
): string =>
  `<send><![CDATA[\n\n${[
    `SIP/2.0 ${status} ${reason}`,
    "[last_Via:]",
    "[last_From:]",
    "[last_To:]",
    "[last_Call-ID:]",
    "[last_CSeq:]",
    "Contact: <sip:sipp@[local_ip]:[local_port]>",
    ...headers,
    ...(sdp ? ["Content-Type: application/sdp"] : []),
    "Content-Length: [len]",
    "",
    ...(sdp ? [SDP.trimEnd()] : []),
  ].join("\n")}\n\n]]></send>`;

export const pauseMs = (ms: number): string => `<pause milliseconds="${ms}"/>`;

export const scenario = (...steps: readonly string[]): string => steps.join("\n");
