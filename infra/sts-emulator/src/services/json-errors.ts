/** Names that the services which speak JSON have for what STS answers in XML. */
const jsonNames: Record<string, string> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ValidationError: 'ValidationException',
  InvalidAction: 'UnknownOperationException',
  InternalFailure: 'InternalServiceError',
  Throttling: 'ThrottlingException',
};

export const jsonName = (code: string): string => jsonNames[code] ?? code;
