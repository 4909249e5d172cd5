-- A person at Neovim, scripted: what they do comes from the test, what they see goes back to it as JSON.
local BOUND_MS = tonumber(vim.env.EDITOR_BOUND_S) * 1000
local FOLDER = vim.env.EDITOR_RESULT

local person = { seen = { questions = {} } }
local answers = {}

-- Read a numbered list, type the number of the line that says what is wanted; Neovim itself asks and takes the answer.
local inputlist = vim.fn.inputlist
vim.fn.inputlist = function(lines)
  table.insert(person.seen.questions, lines)
  local wanted, number = table.remove(answers, 1), 0
  for _, line in ipairs(lines) do
    local digits, title = line:match("^(%d+)[.:] (.*)$")
    number = title == wanted and digits or number
  end
  vim.api.nvim_input(number .. "<CR>")
  return inputlist(lines)
end

-- What will be chosen from the next lists, in order; anything else closes the list.
function person.will_answer(...)
  vim.list_extend(answers, { ... })
end

function person.wait(what, condition)
  if not vim.wait(BOUND_MS, condition, 20) then
    error("waited in vain for " .. what, 2)
  end
end

function person.client()
  return vim.lsp.get_active_clients()[1]
end

function person.wait_for_server()
  person.wait("the server", function()
    return person.client() and person.client().attached_buffers[vim.api.nvim_get_current_buf()]
  end)
end

function person.cursor_on(text)
  assert(vim.fn.search("\\V" .. text, "cw") > 0, "not in the buffer: " .. text)
end

-- Press keys, with the mappings of the configuration.
function person.press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), "mx", false)
end

function person.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

function person.wait_for_text(part)
  person.wait("in the buffer: " .. part, function() return person.text():find(part, 1, true) end)
end

function person.messages()
  return vim.api.nvim_exec("messages", true)
end

function person.wait_for_message(part)
  person.wait("the message: " .. part, function() return person.messages():find(part, 1, true) end)
end

-- The lenses of this buffer, asked for until there are any.
function person.wait_for_lenses()
  person.wait("code lenses", function()
    vim.lsp.codelens.refresh()
    return #vim.lsp.codelens.get(0) > 0
  end)
  return vim.tbl_map(function(lens) return lens.command.title end, vim.lsp.codelens.get(0))
end

-- The bytes that saving would write, without the server being told of a save.
function person.keep_bytes(name)
  vim.cmd("silent noautocmd keepalt write! " .. FOLDER .. "/" .. name)
end

local function write_down()
  person.seen.messages = person.messages()
  vim.fn.writefile({ vim.json.encode(person.seen) }, FOLDER .. "/seen.json")
end

local ok, problem = xpcall(function()
  assert(loadfile(vim.env.EDITOR_SCENARIO))(person)
end, debug.traceback)
if not ok then
  person.seen.failed = problem
end
write_down()
vim.cmd(ok and "qall!" or "cquit")
