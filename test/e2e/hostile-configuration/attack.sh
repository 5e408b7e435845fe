#!/usr/bin/env bash
# What a hostile configuration would try, from inside a run. Each line is `name: what was found`.
show() { printf '%s: %s\n' "$1" "$(tr '\0' ' ' | tr '\n' ' ')"; }
env | show environment
cat /proc/1/environ 2>&1 | show environment-of-1
cat /proc/1/cmdline 2>&1 | show command-line-of-1
for target in "127.0.0.1 $API_PORT api" "127.0.0.1 6379 redis" "169.254.169.254 80 metadata"; do
  read -r host port name <<<"$target"
  if timeout 2 bash -c "exec 3<>/dev/tcp/$host/$port" 2>/dev/null; then echo open; else echo closed; fi | show "connection-to-$name"
done
# The proxy is the one way out; it must not lead in.
for target in "127.0.0.1:$API_PORT api" "169.254.169.254:80 metadata" "localhost:$API_PORT localhost"; do
  read -r address name <<<"$target"
  proxy=${HTTPS_PROXY#http://}
  exec 3<>"/dev/tcp/${proxy%:*}/${proxy#*:}" && {
    printf 'CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n' "$address" "$address" >&3
    timeout 5 head -n 1 <&3
    exec 3>&-
  } 2>&1 | show "proxy-to-$name"
done
for file in $HOST_FILES; do
  if cat "$file" >/dev/null 2>&1; then echo READ; else echo refused; fi | show "file $file"
done
ls "$HOST_FOLDER" 2>&1 | show folder
echo PING | timeout 2 socat - "UNIX-CONNECT:$HOST_SOCKET" 2>&1 | show redis-socket
ls / | show root
# Its own session is the run's to use. Every character is moved on by one, so that the mask does not know it.
url=${AWS_CONTAINER_CREDENTIALS_FULL_URI#http://}
host=${url%%/*}
exec 4<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'GET /%s HTTP/1.0\r\nHost: %s\r\nAuthorization: %s\r\n\r\n' "${url#*/}" "$host" "$AWS_CONTAINER_AUTHORIZATION_TOKEN" >&4
answer=$(timeout 5 cat <&4)
for field in SecretAccessKey Token; do
  sed -n "s/.*\"$field\" *: *\"\([^\"]*\)\".*/\1/p" <<<"$answer" | tr 'A-Za-z0-9' 'B-ZAb-za1-90' | show "moved-$field"
done
# And in clear: the mask has to know this one.
printf 'clear-session: %s\n' "$(sed -n 's/.*"SecretAccessKey" *: *"\([^"]*\)".*/\1/p' <<<"$answer")"
