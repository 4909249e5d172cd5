;;; person.el --- A person at Emacs, scripted  -*- lexical-binding: t -*-
;; What they do comes from the test, what they see goes back to it as JSON.  Emacs runs in batch mode, in which it reads
;; the answers to its questions from standard input.

(require 'eglot)
(require 'json)

(defvar person-bound-s (string-to-number (getenv "EDITOR_BOUND_S")))
(defvar person-folder (getenv "EDITOR_RESULT"))
(defvar person-seen nil "What the test gets, by name.")

(defun person-see (name value)
  "Let the test know VALUE as NAME."
  (push (cons name value) person-seen))

(defun person-wait (what condition)
  "Wait until CONDITION holds, or fail saying WHAT was waited for."
  (with-timeout (person-bound-s (error "Waited in vain for %s" what))
    (while (not (funcall condition))
      (accept-process-output nil 0.05))))

(defun person-open (file)
  "Open FILE; the hooks that wait for a command run."
  (find-file file)
  (run-hooks 'post-command-hook))

(defun person-wait-for-server ()
  "Wait until this buffer has its server."
  (person-wait "the server" (lambda () (and (eglot-current-server) (eglot-managed-p)))))

(defun person-cursor-on (text)
  "Go to TEXT."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun person-code-actions (&optional command)
  "Ask for code actions with the keyboard, by the guide's command or another COMMAND."
  (let ((last-nonmenu-event ?\r))
    (call-interactively (or command #'optafly-code-actions))))

(defun person-type (text)
  "Type TEXT; the command loop, absent here, bounds what one undo takes back."
  (undo-boundary)
  (insert text)
  (undo-boundary)
  (setq last-command 'self-insert-command))

(defun person-undo ()
  "Undo once, as the key does."
  (undo-boundary)
  (call-interactively #'undo)
  (setq last-command 'undo))

(defun person-wait-for-text (part)
  "Wait until PART is in the buffer."
  (person-wait (concat "in the buffer: " part)
               (lambda () (string-search part (buffer-string)))))

(defun person-messages ()
  "What Emacs and the server said."
  (with-current-buffer (messages-buffer) (buffer-string)))

(defun person-wait-for-message (part)
  "Wait until PART was said."
  (person-wait (concat "the message: " part) (lambda () (string-search part (person-messages)))))

(defun person-keep-bytes (name)
  "Write the bytes that saving would write as NAME, without the server being told."
  (let ((coding-system-for-write buffer-file-coding-system)
        (write-region-annotate-functions nil))
    (write-region (point-min) (point-max) (expand-file-name name person-folder) nil 'quiet)))

(defun person-write-down ()
  "Hand over what was seen."
  (person-see 'messages (person-messages))
  (let ((coding-system-for-write 'utf-8-unix))
    (write-region (json-encode person-seen) nil (expand-file-name "seen.json" person-folder) nil 'quiet)))

(setq messages-buffer-max-lines t)
(condition-case problem
    (progn (load (getenv "EDITOR_SCENARIO") nil t) (person-write-down) (kill-emacs 0))
  (error
   (person-see 'failed (format "%S" problem))
   (person-write-down)
   (kill-emacs 1)))
;;; person.el ends here
