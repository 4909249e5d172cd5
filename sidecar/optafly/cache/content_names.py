"""Names that decide what an answer is about: languages, libraries, products, platforms, formats.

One line a category; entries are separated by commas, the first word of an entry is its name, the others are aliases.
A word in ``AMBIGUOUS`` is an English word as well and is a name only where it stands like one.
"""

from typing import Final

CATEGORIES: Final = """
language: python py python3 cpython, javascript js ecmascript, typescript ts, java, kotlin kt, swift, objective-c
  objc, c, c++ cpp cxx, c# csharp, f# fsharp, go golang, rust rs, ruby rb, php, perl, lua, r, julia, matlab octave,
  scala, clojure, haskell hs, ocaml, erlang, elixir, dart, groovy, fortran, cobol, pascal delphi, ada, lisp, scheme,
  prolog, bash, zsh, fish, powershell pwsh, batch, awk, sed, sql, plsql, graphql, html html5, css css3, scss sass,
  less, latex tex, zig, nim, crystal, solidity, assembly asm, vba, visual_basic vb, wasm webassembly, hcl, cmd |
shell: sh, ksh, tcsh, dash |
human: english englisch anglais inglés inglese inglês engels английски, german deutsch allemand alemán tedesco alemão,
  french französisch français francés francese, spanish spanisch espagnol español spagnolo, italian italiano
  italienisch, portuguese português, dutch nederlands, russian русский, chinese mandarin, japanese, korean, arabic,
  hebrew, polish polski, turkish türkçe, swedish svenska, danish, norwegian, finnish, greek, czech, hungarian,
  ukrainian, hindi, latin, esperanto |
format: json, jsonl ndjson, yaml yml, toml, xml, csv, tsv, ini, markdown md, rst, pdf, docx word, xlsx excel, parquet,
  avro, protobuf proto, msgpack messagepack, bson, html, svg, png, jpg jpeg, gif, webp, avif, bmp, tiff, ico, mp3,
  mp4, wav, flac, ogg, webm, avi, mkv, zip, tar, gzip gz, bzip2, xz, zstd, brotli, 7z, rar, pem, pfx, der, p12, hdf5,
  feather, arrow, base64, hex hexadecimal, ascii, utf-8 utf8, utf-16 utf16, latin-1, epub, rtf, woff, woff2, ttf,
  plain_text |
shape: table, bullet bullets bullet_points, one-liner, paragraph, diagram, chart, essay, outline, flowchart, poem,
  tutorial, cheat_sheet, checklist |
framework: react reactjs, vue vuejs, angular, svelte, solidjs, preact, ember, jquery, nextjs next.js, nuxt nuxtjs,
  remix, astro, gatsby, redux, zustand, mobx, pinia, vuex, express expressjs, koa, fastify, nestjs, hapi, django,
  flask, fastapi, starlette, tornado, bottle, pyramid, rails, sinatra, laravel, symfony, spring, spring_boot, quarkus,
  micronaut, ktor, gin, echo, fiber, actix, axum, rocket, asp.net aspnet, blazor, dotnet .net, flutter, react_native,
  electron, tauri, qt, gtk, tkinter, wpf, winforms, swiftui, uikit, jetpack_compose, unity, unreal, godot, pygame,
  bevy, phoenix, streamlit, gradio, dash |
library: numpy np, pandas pd, polars, dask, spark pyspark, scipy, sympy, matplotlib, seaborn, plotly, bokeh, altair,
  scikit-learn sklearn, pytorch torch, tensorflow tf, keras, jax, xgboost, lightgbm, catboost, transformers, spacy,
  nltk, opencv cv2, pillow pil, requests, httpx, aiohttp, urllib, axios, fetch, superagent, lodash, ramda, moment,
  dayjs, date-fns, luxon, zod, yup, joi, pydantic, attrs, dataclasses dataclass, marshmallow, sqlalchemy, sqlmodel,
  peewee, prisma, typeorm, sequelize, drizzle, knex, mongoose, hibernate, jpa, mybatis, jooq, entity_framework
  ef_core, dapper, gorm, sqlx, diesel, tokio, async-std, rayon, serde, clap, reqwest, hyper, anyhow, thiserror, click,
  typer, argparse, optparse, asyncio, threading, multiprocessing, celery, rq, sidekiq, logging, loguru, structlog,
  log4j, logback, slf4j, winston, pino, beautifulsoup bs4, scrapy, selenium, playwright, puppeteer, cypress, three.js
  threejs, d3 d3.js, chart.js, rxjs, socket.io, tailwind tailwindcss, bootstrap, material_ui mui, styled-components,
  emotion, boost, stl, eigen, jackson, gson, guava, lombok, moshi, retrofit, okhttp, rxjava, combine, alamofire,
  automapper, newtonsoft, linq, bigquery, arrow, heapq, itertools, functools, collections, bisect, pathlib,
  subprocess, csv, pickle, openpyxl, xlsxwriter, pyqt, tqdm, rich, langchain |
testing: pytest, unittest, nose, doctest, hypothesis, jest, vitest, mocha, jasmine, chai, karma, ava, junit, testng,
  mockito, spock, kotest, rspec, minitest, phpunit, pest, xunit, nunit, mstest, gtest googletest, catch2, cucumber,
  storybook, k6, jmeter, locust, gatling |
tool: git, svn subversion, mercurial hg, make makefile, cmake, ninja, bazel, meson, gradle, maven mvn, ant, sbt, npm,
  yarn, pnpm, bun, npx, pip, pipx, poetry, conda, uv, pipenv, cargo, rustup, gem, bundler, composer, nuget, homebrew
  brew, apt apt-get, dnf, yum, pacman, snap, flatpak, winget, choco chocolatey, webpack, vite, rollup, esbuild,
  parcel, babel, swc, eslint, prettier, biome, stylelint, ruff, flake8, pylint, black, isort, mypy, pyright, rubocop,
  clippy, rustfmt, gofmt, golangci-lint, clang-tidy, clang-format, checkstyle, sonarqube, docker, podman, buildah,
  containerd, docker_compose docker-compose compose, kubernetes k8s kube, helm, kustomize, kubectl, minikube, k3s,
  kind, openshift, nomad, terraform, opentofu, pulumi, ansible, puppet, chef, saltstack, vagrant, packer, jenkins,
  github_actions gha, gitlab_ci, circleci, travis, argocd, flux, tekton, prometheus, grafana, loki, jaeger, zipkin,
  opentelemetry otel, datadog, sentry, kibana, logstash, splunk, nginx, apache httpd, caddy, traefik, haproxy, envoy,
  istio, linkerd, varnish, gunicorn, uvicorn, tomcat, jetty, iis, pm2, supervisor, systemd, cron crontab, launchd,
  tmux, screen, vim vi, neovim nvim, emacs, nano, vscode vs_code visual_studio_code, intellij, pycharm, webstorm,
  eclipse, xcode, android_studio, visual_studio, jupyter, notepad++, sublime, zed, curl, wget, httpie, postman,
  insomnia, jq, yq, grep, ripgrep rg, find, fd, xargs, rsync, scp, ssh, sftp, ffmpeg, imagemagick, pandoc, openssl,
  gpg, certbot, lets_encrypt, gdb, lldb, valgrind, strace, perf, gcc, clang, msvc, llvm, javac, tsc, node nodejs
  node.js, deno, nvm, pyenv, sdkman, asdf, hadolint, trivy, snyk, dependabot, renovate, husky, pre-commit, commitlint,
  swagger openapi, sphinx, mkdocs, doxygen, javadoc, jsdoc, typedoc, mermaid, plantuml, graphviz, tikz, beamer, figma,
  iptables, nftables, ufw, firewalld, fail2ban, sudo, su, doas, mtr, traceroute, ping, netcat, nmap, tcpdump,
  wireshark, dig, nslookup, lsof, netstat, ss, top, htop, tree, cat, head, tail, uniq, cut, tr, tee, watch, alembic,
  flyway, liquibase, pg_dump, psql, sqlcmd, pyinstaller, nuitka, excel, google_sheets, libreoffice, word, google_docs,
  notion, confluence, jira, slack, teams, trello, power_bi, tableau, airflow, dagster, prefect, dbt, cmd.exe |
service: aws amazon_web_services, gcp google_cloud, azure, heroku, vercel, netlify, cloudflare, digitalocean, hetzner,
  firebase, supabase, s3, ec2, lambda, dynamodb, rds, sqs, sns, ecs, eks, fargate, cloudfront, route53, iam,
  cloudwatch, cloud_run, gke, aks, cloud_functions, pubsub, blob_storage, github, gitlab, bitbucket, gitea,
  azure_devops, stripe, paypal, auth0, okta, keycloak, cognito, twilio, sendgrid, mailgun, openai, anthropic, gemini,
  mistral, llama, gpt |
database: postgresql postgres pg postgre, mysql, mariadb, sqlite sqlite3, mssql sql_server, oracle, mongodb mongo,
  redis, valkey, memcached, cassandra, couchdb, neo4j, elasticsearch elastic, opensearch, clickhouse, duckdb,
  snowflake, redshift, cockroachdb, influxdb, timescaledb, rabbitmq, kafka, nats, zeromq, activemq, mqtt, etcd,
  consul, zookeeper, chroma, pinecone, qdrant, weaviate, faiss, milvus, pgvector |
platform: windows win win10 win11, linux, macos mac osx os_x mac_os, ubuntu, debian, fedora, centos, rhel, alpine,
  arch, nixos, freebsd, android, ios iphone, ipados ipad, wsl wsl2, chromeos, raspberry_pi raspberrypi, arduino,
  esp32, chrome, firefox, safari, edge, opera, browser, arm arm64 aarch64, x86, x86_64 amd64, powerpc, risc-v, cuda,
  rocm, metal, mobile, desktop, watchos, tvos |
protocol: http, https, http/2 http2, http/3 http3, tcp, udp, quic, ftp, smtp, imap, pop3, dns, dhcp, tls ssl, rest,
  soap, grpc, websocket websockets, sse, webrtc, oauth oauth2, oidc openid, saml, jwt, ldap, kerberos, ipv4, ipv6,
  mtls, bgp, ospf, icmp, arp, snmp, gdpr, ccpa, hipaa |
algorithm: md5, sha1 sha-1, sha256 sha-256, sha512 sha-512, hmac, aes, des, rsa, ecdsa, ed25519, bcrypt, scrypt,
  argon2, crc32, lru, lfu, fifo, lifo, bfs, dfs, cnn, rnn, lstm, gru, vit, gan, svm, knn, pca, tsne t-sne, umap,
  k-means kmeans, dbscan, adam, sgd |
license: mit, apache-2.0, gpl gplv3 gplv2, lgpl, agpl, bsd, mpl
"""
AMBIGUOUS: Final = frozenset(
    """
    go c r d less express flask spring swift rust ruby crystal fish batch scheme dash echo fiber rocket gin phoenix make
    ant ninja snap black click rich arrow combine emotion diesel hyper boost fetch requests transformers collections
    logging threading csv screen find head tail cut tree watch top cat word teams chef puppet salt flux helm compose
    kind
    packer node metal edge opera arch oracle rest bun pest spock table metal chrome rq ss tr tee su dig alpine pandas
    remix unity notion slack composer gem prefect salt supervisor perf lambda sentry screen parcel black ava mac
    electron apache bottle pyramid ember celery locust gemini attrs joi mobile desktop browser hex mermaid echo
    windows browser der paragraph chart diagram outline bullet essay nano consul adam des des mit conda dart ada
    """.split()
)
# A name on the left can only be meant with the one on the right.
IMPLIED: Final = """
python: numpy pandas polars scipy sympy matplotlib seaborn scikit-learn django flask fastapi starlette pydantic
sqlalchemy pytest unittest asyncio heapq itertools functools bisect pathlib argparse click typer celery pip poetry
conda pipenv ruff flake8 pylint mypy pyright tkinter pygame beautifulsoup scrapy pyinstaller alembic dataclasses httpx
requests tqdm loguru jupyter pillow openpyxl gunicorn uvicorn pyenv pytorch keras multiprocessing threading |
javascript: react vue angular svelte express jest mocha webpack vite eslint npm yarn pnpm nodejs node axios lodash
redux jquery nextjs nestjs electron babel rxjs d3 playwright deno | java: junit mockito hibernate jpa maven spring
spring_boot jackson lombok javac javadoc slf4j log4j tomcat | rust: cargo tokio serde clap rayon clippy rustup reqwest
actix axum thiserror anyhow rustfmt diesel sqlx | go: gofmt gin gorm golangci-lint | ruby: rails rspec sidekiq rubocop
sinatra bundler | php: laravel symfony phpunit composer | c#: linq nunit xunit entity_framework blazor asp.net wpf
dapper newtonsoft dotnet | swift: swiftui uikit alamofire | kotlin: ktor jetpack_compose kotest | dart: flutter |
elixir: phoenix | c++: stl boost gtest catch2 qt | sql: postgresql mysql sqlite mariadb mssql oracle | css: tailwind
bootstrap scss | html: css | linux: ubuntu debian fedora centos rhel alpine arch systemd apt dnf yum iptables ufw |
macos: homebrew launchd | windows: powershell winget choco cmd.exe | ios: swiftui uikit | android: jetpack_compose
android_studio | kubernetes: kubectl helm minikube kustomize k3s gke eks aks openshift | docker: docker_compose | aws:
s3 ec2 lambda dynamodb rds sqs ecs eks cloudfront route53 cloudwatch fargate | gcp: cloud_run gke bigquery
cloud_functions | github: github_actions | gitlab: gitlab_ci | postgresql: psql pg_dump pgvector | git: github gitlab |
excel: vba | bash: zsh | kubernetes: pod cronjob configmap daemonset statefulset kubelet replicaset kubeconfig
initcontainer | docker: dockerfile dockerignore docker-compose.yml | git: rebase cherry_pick stash gitignore reflog
submodule worktree | sql: orm subquery upsert | css: flexbox z-index viewport rem | html: aria div iframe | http: cors
patch cookie header etag status | react: usestate useeffect usememo usecallback useref usecontext usereducer jsx hook |
vue: v-if v-show v-for v-model | angular: ngfor ngif | django: select_related prefetch_related queryset makemigrations |
python: decorator dict kwargs args gil __init__ __name__ virtual_environment docstring dunder comprehension
defaultdict namedtuple counter ordereddict zerodivisionerror keyerror indexerror typeerror valueerror attributeerror
modulenotfounderror | javascript: promise settimeout setinterval innerhtml queryselector addeventlistener foreach
localstorage undefined typeof | rust: borrow lifetime crate rc arc refcell option iter_mut into_iter iter cow e0382
e0502 e0499 e0277 | go: goroutine channel defer gofmt goroutines waitgroup | java: jvm jdk hashmap arraylist
linkedlist treemap stringbuilder nullpointerexception hashcode jar | c++: std unique_ptr shared_ptr push_back
emplace_back raii | c: malloc strcpy printf | kotlin: coroutine val | swift: codable | c#: linq ienumerable iqueryable
configureawait | oauth: pkce | unity: scriptableobject gameobject | spring: @bean @component @autowired @transactional |
excel: vlookup xlookup hlookup | spreadsheet: vlookup xlookup hlookup | aws: acl | typescript: tsconfig.json tsc
unknown never
"""
