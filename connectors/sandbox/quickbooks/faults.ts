/** Intuit's error bodies, as recorded: capital letters at 400, lower case at 401, XML at 429. */
import { json, type Reply } from '../http.ts';
import { pacific } from './time.ts';

const MESSAGES: Readonly<Record<string, string>> = {
  '500': 'Unsupported Operation',
  '610': 'Object Not Found',
  '2010': 'Request has invalid or unsupported property',
  '2020': 'Required param missing, need to supply the required value for the API',
  '2030': 'Invalid ID',
  '4000': 'Error parsing query',
  '4001': 'Invalid query',
  '4002': 'Error processing query',
  '5010': 'Stale Object Error',
  '6000': 'A business validation error has occurred while processing your request',
  '6070': 'Amount is not valid',
};

export function fault(code: string, detail: string, now: number, element = ''): Reply {
  return json(400, faultOf(code, detail, now, element));
}

export function faultOf(
  code: string,
  detail: string,
  now: number,
  element = '',
): Record<string, unknown> {
  return {
    Fault: {
      Error: [{ Message: MESSAGES[code] ?? 'Error', Detail: detail, code, element }],
      type: 'ValidationFault',
    },
    time: pacific(now, true),
  };
}

/** The detail repeats the token that was refused: whoever logs it leaks it. */
export function unauthenticated(token: string, now: number): Reply {
  return json(
    401,
    {
      warnings: null,
      intuitObject: null,
      fault: {
        error: [
          {
            message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
            detail: `Token expired: ${token}`,
            code: '3200',
            element: null,
          },
        ],
        type: 'AUTHENTICATION',
      },
      report: null,
      queryResponse: null,
      batchItemResponse: [],
      attachableResponse: [],
      syncErrorResponse: null,
      requestId: null,
      time: now,
      status: null,
      cdcresponse: [],
    },
    { 'www-authenticate': 'Bearer realm="Intuit", error="invalid_token"' },
  );
}

/** A token of one company used on another, or sandbox keys on the real thing. */
export function wrongRealm(now: number): Reply {
  return json(403, {
    fault: {
      error: [
        {
          message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
          detail: 'The application is not authorised for this company',
          code: '3100',
          element: null,
        },
      ],
      type: 'AuthorizationFault',
    },
    time: now,
  });
}

/** XML although JSON was asked for: so it is in every recording. No Retry-After unless one is wanted. */
export function throttled(now: number, retryAfter: number | null): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="${pacific(now, true)}" xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message><Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>`;
  return {
    status: 429,
    headers: {
      'content-type': 'application/xml',
      ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
    },
    body,
  };
}
