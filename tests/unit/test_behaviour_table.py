"""The window's behaviour as a table: every state × every event. Source: design §4, §5; the screen, “Principles” and “Measures”.

A row says everything that may be seen of a step; what it does not name stays as it was. “ignored” lists the events that
change nothing and have no effect. Reading a row:

    -> PHASE      the next phase. Session A2+201!: ticket A, two stars, reason 201 marked, complete (!), extended (x); CD/C:
                  a chain of C and D, of which C is rated alone; “which”: asks for the case. Then the time limit that starts.
                  A phase that is named again starts its time anew.
    write …       an entry, in order, with its session
    say …         the sentence for the people at the window
    keep …        what is remembered until the session allows it
    check …       what the outside is asked to do; so for “perform” and “present … again”
    scan …        what the two seconds of “already read” are about
"""

from collections.abc import Callable, Iterator

import pytest
from support.behaviour import LI, WANG, ZHAO, Turn, Window, presented, rules

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import initial
from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.rating import Level
from terminal_app.domain.ticket import Refusal


def _bad() -> Window:
    return Window().asks_stars().tap(2)


def _single() -> Window:
    return Window().asks_scope().send(s.SingleChosen("CASE-C")).write()


STATES: dict[str, Callable[[], Window]] = {
    "Unenrolled": lambda: Window(initial(None)),
    "Locked": lambda: Window().send(s.Revoked("revoked")),
    "LoggedOut": lambda: Window(initial(rules())),
    "Idle": lambda: Window(),
    "StaffLogin": lambda: Window(initial(rules())).send(s.LoginRequested()),
    "AwaitStars A": lambda: Window().asks_stars(),
    "AwaitStars A2+201": lambda: _bad().mark("201").send(s.ChangeRequested()),
    "AwaitReasons A2+201": lambda: _bad().mark("201"),
    "AwaitScope CD": lambda: Window().asks_scope(),
    "AwaitScope CD which": lambda: Window().asks_scope().send(s.SinglesRequested()),
    "AwaitStars CD/C": lambda: _single(),
    "Recording scope CD/C": lambda: Window().asks_scope().send(s.SingleChosen("CASE-C")),
    "Recording star CD/C2": lambda: _single().send(s.StarTapped(Level(2))),
    "StaffMenu CD": lambda: Window().asks_scope().send(s.CardLaid(LI)),
    "Recording opened A": lambda: Window().send(presented("A")),
    "Recording star A2": lambda: Window().asks_stars().send(s.StarTapped(Level(2))),
    "Recording toggle A2+201": lambda: _bad().send(s.ReasonToggled("201")),
    "Recording reasons A2+201!": lambda: _bad().mark("201").send(s.ReasonsSubmitted()),
    "Thanks A5!": lambda: Window().asks_stars().tap(5),
    "Paused": lambda: Window().send(s.PauseRequested()),
    "StaffMenu": lambda: Window().send(s.CardLaid(LI)),
    "StaffMenu A": lambda: Window().asks_stars().send(s.CardLaid(LI)),
    "StaffMenu in a pause": lambda: Window().send(s.PauseRequested(), s.CardLaid(LI)),
    "StaffMenu of an administrator": lambda: Window(initial(rules(), on_duty=ZHAO)).send(s.CardLaid(ZHAO)),
    "EnterPin 009 ••••••": lambda: Window().send(s.CardLaid(ZHAO)).type(),
    "EnterPin 009 checking": lambda: Window().send(s.CardLaid(ZHAO)).type().send(a.PinSubmitted()),
    "Administration overview": lambda: Window().administration(),
    "OutOfOrder storage": lambda: Window().send(s.FaultRaised("storage")),
}

TABLE = """
# Unenrolled
enrolled            -> LoggedOut; rules 2
ignored             ticket_A ticket_A_elsewhere ticket_B ticket_B_rated unreadable id_number
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish
ignored             english large_print contrast voice touch
ignored             card_own card_other card_unknown login pause resume logout cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other failed failed_other new_rules revoked reinstated fault fault_cleared
ignored             overall singles single_C single_other reselect
ignored             card_admin duty_admin administration pin_digit pin_erase pin_done page task invite pin_right
ignored             pin_wrong pin_other

# Locked
failed              -> OutOfOrder storage; keep revoked
failed_other        -> OutOfOrder storage; keep revoked
enrolled            rules 2
new_rules           rules 2
reinstated          -> Idle
fault               -> OutOfOrder internal; keep revoked
ignored             ticket_A ticket_A_elsewhere ticket_B ticket_B_rated unreadable id_number
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish
ignored             english large_print contrast voice touch
ignored             card_own card_other card_unknown login pause resume logout cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other revoked fault_cleared
ignored             overall singles single_C single_other reselect
ignored             card_admin duty_admin administration pin_digit pin_erase pin_done page task invite pin_right
ignored             pin_wrong pin_other

# LoggedOut
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
touch               say show_ticket
card_own            -> Idle; write login 001; say welcome; duty 001
card_other          -> Idle; write login 002; say welcome; duty 002
card_unknown        say unknown_card
login               -> StaffLogin
pause               -> Paused; write paused; pause begins
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          -> Idle; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish
ignored             resume logout cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Idle
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
touch               say show_ticket
card_own            -> StaffMenu
card_other          write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
login               -> StaffLogin
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 001; duty none
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          write logout 001; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish
ignored             resume cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffLogin
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> Idle; write login 001; say welcome; duty 001
card_other          -> Idle; write login 002; say welcome; duty 002
card_unknown        say unknown_card
pause               -> Paused; write paused; pause begins
menu_close          -> LoggedOut
timer               -> LoggedOut
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          -> Idle; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             login resume logout cancel
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitStars A
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            -> Recording opened B; write A closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
tap_1               -> Recording star A1; write A star 1
tap_2               -> Recording star A2; write A star 2
tap_5               -> Recording star A5; write A star 5
more_time           -> AwaitStars Ax 110s
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> StaffMenu A
card_other          say remembered; keep card 002
pause               -> Paused; write A closed cancelled; write paused; pause begins; scan forgotten
logout              say remembered; keep logout
cancel              -> Idle; write A closed cancelled; scan forgotten
timer               -> Idle; write A closed timed_out; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write A closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             mark_201 mark_101 mark_unknown submit skip change finish touch
ignored             card_unknown login resume menu_close
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitStars A2+201
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            -> Recording opened B; write A closed rated; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
tap_1               -> Recording star A1; write A star 1
tap_2               -> Recording star A2+201; write A star 2
tap_5               -> Recording star A5; write A star 5
finish              -> AwaitReasons A2+201 45s
more_time           -> AwaitStars A2+201x 110s
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
timer               -> Idle; write A closed rated; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             mark_201 mark_101 mark_unknown submit skip change touch
ignored             card_unknown login resume cancel menu_close
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitReasons A2+201
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            -> Recording opened B; write A closed rated; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
tap_1               -> Recording star A1; write A star 1
tap_2               -> AwaitReasons A2+201 45s
tap_5               -> Recording star A5; write A star 5
mark_201            -> Recording toggle A2; write A toggle -201
mark_101            -> AwaitReasons A2+201 45s
mark_unknown        -> AwaitReasons A2+201 45s
submit              -> Recording reasons A2+201!; write A reasons 201
skip                -> Recording reasons A2!; write A reasons skipped
change              -> AwaitStars A2+201 60s
more_time           -> AwaitReasons A2+201x 95s
english             -> AwaitReasons A2+201 45s; language en
contrast            -> AwaitReasons A2+201 45s; high contrast
voice               -> AwaitReasons A2+201 45s; voice
large_print         -> AwaitReasons A2+201 45s; large print
touch               -> AwaitReasons A2+201 45s
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
timer               -> Idle; write A closed rated; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             finish
ignored             card_unknown login resume cancel menu_close
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitScope CD
ticket_A            -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_B            -> Recording opened B; write CD closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
overall             -> Recording scope CD/CD; write CD overall CD
singles             -> AwaitScope CD which 60s
single_C            -> Recording scope CD/C; write CD single C
english             language en
contrast            high contrast
voice               voice
large_print         large print
touch               -> AwaitScope CD 60s
card_own            -> StaffMenu CD
card_other          say remembered; keep card 002
pause               -> Paused; write CD closed cancelled; write paused; pause begins; scan forgotten
logout              say remembered; keep logout
cancel              -> Idle; write CD closed cancelled; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write CD closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
timer               -> Idle; write CD closed timed_out; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change
ignored             more_time finish card_unknown login resume menu_close reinstated fault_cleared timer_old
ignored             timer_other_session timer_other_phase done done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitScope CD which
ticket_A            -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_B            -> Recording opened B; write CD closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
overall             -> Recording scope CD/CD; write CD overall CD
single_C            -> Recording scope CD/C; write CD single C
reselect            -> AwaitScope CD 60s
english             language en
contrast            high contrast
voice               voice
large_print         large print
touch               -> AwaitScope CD which 60s
card_own            -> StaffMenu CD
card_other          say remembered; keep card 002
pause               -> Paused; write CD closed cancelled; write paused; pause begins; scan forgotten
logout              say remembered; keep logout
cancel              -> Idle; write CD closed cancelled; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write CD closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
timer               -> Idle; write CD closed timed_out; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             singles single_other tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change
ignored             more_time finish card_unknown login resume menu_close reinstated fault_cleared timer_old
ignored             timer_other_session timer_other_phase done done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# AwaitStars CD/C
ticket_A            -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_B            -> Recording opened B; write CD closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
reselect            -> AwaitScope CD 60s
tap_1               -> Recording star CD/C1; write CD star 1
tap_2               -> Recording star CD/C2; write CD star 2
tap_5               -> Recording star CD/C5; write CD star 5
more_time           -> AwaitStars CD/Cx 110s
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> StaffMenu CD/C
card_other          say remembered; keep card 002
pause               -> Paused; write CD closed cancelled; write paused; pause begins; scan forgotten
logout              say remembered; keep logout
cancel              -> Idle; write CD closed cancelled; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write CD closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
timer               -> Idle; write CD closed timed_out; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             overall singles single_C single_other mark_201 mark_101 mark_unknown submit skip change
ignored             finish touch card_unknown login resume menu_close reinstated fault_cleared
ignored             timer_old timer_other_session timer_other_phase done done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording scope CD/C
ticket_A            keep ticket A
ticket_A_elsewhere  keep ticket A
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
cancel              say remembered; keep cancel
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
done                -> AwaitStars CD/C 60s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101
ignored             mark_unknown submit skip change more_time finish touch card_unknown login resume
timer               -> OutOfOrder storage; scan forgotten
ignored             menu_close reinstated fault_cleared timer_old timer_other_session timer_other_phase
ignored             done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording star CD/C2
ticket_A            keep ticket A
ticket_A_elsewhere  keep ticket A
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
done                -> AwaitReasons CD/C2 45s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101
ignored             mark_unknown submit skip change more_time finish touch card_unknown login resume cancel
timer               -> OutOfOrder storage; scan forgotten
ignored             menu_close reinstated fault_cleared timer_old timer_other_session timer_other_phase
ignored             done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffMenu CD
ticket_A            -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write CD closed superseded; write A opened; scan A
ticket_B            -> Recording opened B; write CD closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> AwaitScope CD 60s
card_other          -> AwaitScope CD 60s; say remembered; keep card 002
pause               -> Paused; write CD closed cancelled; write paused; pause begins; scan forgotten
logout              -> AwaitScope CD 60s; say remembered; keep logout
cancel              -> Idle; write CD closed cancelled; scan forgotten
menu_close          -> AwaitScope CD 60s
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write CD closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
timer               -> AwaitScope CD 60s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
card_admin          say after_rating
duty_admin          -> AwaitScope CD 60s; say remembered; keep duty 009
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101
ignored             mark_unknown submit skip change more_time finish touch card_unknown login resume
ignored             reinstated fault_cleared timer_old timer_other_session timer_other_phase done done_other
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording opened A
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
cancel              say remembered; keep cancel
done                -> AwaitStars A 60s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             card_unknown login resume menu_close
timer               -> OutOfOrder storage; scan forgotten
ignored             timer_old timer_other_session timer_other_phase
ignored             done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording star A2
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
done                -> AwaitReasons A2 45s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             card_unknown login resume cancel menu_close
timer               -> OutOfOrder storage; scan forgotten
ignored             timer_old timer_other_session timer_other_phase
ignored             done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording toggle A2+201
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
done                -> AwaitReasons A2+201 45s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             card_unknown login resume cancel menu_close
timer               -> OutOfOrder storage; scan forgotten
ignored             timer_old timer_other_session timer_other_phase
ignored             done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Recording reasons A2+201!
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            keep ticket B
ticket_B_rated      keep ticket B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
done                -> Thanks A2+201! 12s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             card_unknown login resume cancel menu_close
timer               -> OutOfOrder storage; scan forgotten
ignored             timer_old timer_other_session timer_other_phase
ignored             done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Thanks A5!
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            -> Recording opened B; write A closed rated submitted; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
change              -> AwaitStars A5! 60s
finish              -> Idle; write A closed rated submitted; scan forgotten
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            say remembered; keep card 001
card_other          say remembered; keep card 002
pause               say remembered; keep pause
logout              say remembered; keep logout
timer               -> Idle; write A closed rated submitted; scan forgotten
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip more_time touch
ignored             card_unknown login resume cancel menu_close
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# Paused
ticket_A            say paused
ticket_A_elsewhere  say paused
ticket_B            say paused
ticket_B_rated      say paused
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> StaffMenu
card_other          write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
login               -> StaffLogin
resume              -> Idle; write resumed; pause ends
logout              -> LoggedOut; write resumed; write logout 001; duty none; pause ends
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          write logout 001; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             pause cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffMenu
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> Idle
card_other          -> Idle; write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 001; duty none
menu_close          -> Idle
timer               -> Idle
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          -> Idle; write logout 001; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             login resume cancel
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffMenu A
ticket_A            say already_read
ticket_A_elsewhere  say already_read
ticket_B            -> Recording opened B; write A closed superseded; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> AwaitStars A 60s
card_other          -> AwaitStars A 60s; say remembered; keep card 002
pause               -> Paused; write A closed cancelled; write paused; pause begins; scan forgotten
logout              -> AwaitStars A 60s; say remembered; keep logout
cancel              -> Idle; write A closed cancelled; scan forgotten
menu_close          -> AwaitStars A 60s
timer               -> AwaitStars A 60s
failed              -> OutOfOrder storage; scan forgotten
failed_other        -> OutOfOrder storage; scan forgotten
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked; write A closed interrupted; scan forgotten
fault               -> OutOfOrder internal; scan forgotten
card_admin          say after_rating
duty_admin          -> AwaitStars A 60s; say remembered; keep duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             card_unknown login resume
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffMenu in a pause
ticket_A            say paused
ticket_A_elsewhere  say paused
ticket_B            say paused
ticket_B_rated      say paused
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
contrast            high contrast
voice               voice
large_print         large print
card_own            -> Paused
card_other          -> Paused; write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
resume              -> Idle; write resumed; pause ends
logout              -> LoggedOut; write resumed; write logout 001; duty none; pause ends
menu_close          -> Paused
timer               -> Paused
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
card_admin          -> EnterPin 009
duty_admin          -> Paused; write logout 001; write login 009; say welcome; duty 009
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish touch
ignored             login pause cancel
ignored             timer_old timer_other_session timer_other_phase
ignored             done done_other reinstated fault_cleared
ignored             overall singles single_C single_other reselect
ignored             administration pin_digit pin_erase pin_done page task invite pin_right pin_wrong pin_other

# StaffMenu of an administrator
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
large_print         large print
contrast            high contrast
card_own            -> Idle; write logout 009; write login 001; say welcome; duty 001
card_other          -> Idle; write logout 009; write login 002; say welcome; duty 002
card_unknown        say unknown_card
card_admin          -> Idle
administration      -> EnterPin 009
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 009; duty none
menu_close          -> Idle
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
timer               -> Idle
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
voice               voice
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown
ignored             submit skip change more_time finish touch duty_admin pin_digit pin_erase pin_done page task invite
ignored             login resume cancel reinstated fault_cleared timer_old timer_other_session timer_other_phase done
ignored             done_other pin_right pin_wrong pin_other

# EnterPin 009 ••••••
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
large_print         large print
contrast            high contrast
card_own            -> StaffMenu
card_other          -> Idle; write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
card_admin          -> Idle
duty_admin          -> Idle; write logout 001; write login 009; say welcome; duty 009
pin_digit           -> EnterPin 009 •••••••
pin_erase           -> EnterPin 009 •••••
pin_done            -> EnterPin 009 checking; check the PIN of 009
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 001; duty none
menu_close          -> Idle
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
timer               -> Idle
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
voice               voice
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown
ignored             submit skip change more_time finish touch administration page task invite login resume cancel
ignored             reinstated fault_cleared timer_old timer_other_session timer_other_phase done done_other pin_right
ignored             pin_wrong pin_other

# EnterPin 009 checking
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
large_print         large print
contrast            high contrast
card_own            -> StaffMenu
card_other          -> Idle; write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
card_admin          -> Idle
duty_admin          -> Idle; write logout 001; write login 009; say welcome; duty 009
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 001; duty none
menu_close          -> Idle
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
timer               -> Idle
pin_right           -> Administration overview
pin_wrong           -> EnterPin 009 wrong
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
voice               voice
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown
ignored             submit skip change more_time finish touch administration pin_digit pin_erase pin_done page task
ignored             invite login resume cancel reinstated fault_cleared timer_old timer_other_session timer_other_phase
ignored             done done_other pin_other

# Administration overview
ticket_A            -> Recording opened A; write A opened; scan A
ticket_A_elsewhere  -> Recording opened A; write A opened; scan A
ticket_B            -> Recording opened B; write B opened; scan B
ticket_B_rated      say already_rated; scan B
unreadable          say unreadable_ticket
id_number           say not_a_case_number
english             language en
large_print         large print
contrast            high contrast
touch               -> Administration overview
card_own            -> StaffMenu
card_other          -> Idle; write logout 001; write login 002; say welcome; duty 002
card_unknown        say unknown_card
card_admin          -> Idle
duty_admin          -> Idle; write logout 001; write login 009; say welcome; duty 009
page                -> Administration devices
task                -> Administration overview; perform self_test
pause               -> Paused; write paused; pause begins
logout              -> LoggedOut; write logout 001; duty none
menu_close          -> Idle
enrolled            rules 2
new_rules           rules 2
revoked             -> Locked
fault               -> OutOfOrder internal
timer               -> Idle
failed              -> OutOfOrder storage
failed_other        -> OutOfOrder storage
voice               voice
ignored             overall singles single_C single_other reselect tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown
ignored             submit skip change more_time finish administration pin_digit pin_erase pin_done invite login resume
ignored             cancel reinstated fault_cleared timer_old timer_other_session timer_other_phase done done_other
ignored             pin_right pin_wrong pin_other

# OutOfOrder storage
enrolled            rules 2
new_rules           rules 2
revoked             keep revoked
fault_cleared       -> Idle
ignored             ticket_A ticket_A_elsewhere ticket_B ticket_B_rated unreadable id_number
ignored             tap_1 tap_2 tap_5 mark_201 mark_101 mark_unknown submit skip change more_time finish
ignored             english large_print contrast voice touch
ignored             card_own card_other card_unknown login pause resume logout cancel menu_close
ignored             timer timer_old timer_other_session timer_other_phase
ignored             done done_other failed failed_other reinstated fault
ignored             overall singles single_C single_other reselect
ignored             card_admin duty_admin administration pin_digit pin_erase pin_done page task invite pin_right
ignored             pin_wrong pin_other
"""

FIXED: dict[str, s.Event] = {
    "ticket_A": presented("A"),
    "ticket_A_elsewhere": presented("A", "ticket line"),
    "ticket_B": presented("B"),
    "ticket_B_rated": presented("B", rated="B"),
    "unreadable": s.TicketUnreadable(Refusal.MALFORMED),
    "id_number": s.TicketUnreadable(Refusal.IDENTITY_NUMBER),
    "overall": s.OverallChosen(),
    "singles": s.SinglesRequested(),
    "single_C": s.SingleChosen("CASE-C"),
    "single_other": s.SingleChosen("CASE-Z"),
    "reselect": s.ScopeReopened(),
    "tap_1": s.StarTapped(Level(1)),
    "tap_2": s.StarTapped(Level(2)),
    "tap_5": s.StarTapped(Level(5)),
    "mark_201": s.ReasonToggled("201"),
    "mark_101": s.ReasonToggled("101"),
    "mark_unknown": s.ReasonToggled("999"),
    "submit": s.ReasonsSubmitted(),
    "skip": s.ReasonsSkipped(),
    "change": s.ChangeRequested(),
    "more_time": s.MoreTimeRequested(),
    "finish": s.Finished(),
    "english": s.LanguageChosen("en"),
    "large_print": s.LargePrintToggled(),
    "contrast": s.ContrastChosen(True),
    "voice": s.VoiceChosen(True),
    "touch": s.ScreenTouched(),
    "card_own": s.CardLaid(LI),
    "card_other": s.CardLaid(WANG),
    "card_unknown": s.CardLaid(None),
    "card_admin": s.CardLaid(ZHAO),
    "duty_admin": a.DutyTaken(ZHAO),
    "administration": a.AdministrationRequested(),
    "pin_digit": a.PinDigit("7"),
    "pin_erase": a.PinErased(),
    "pin_done": a.PinSubmitted(),
    "page": a.PageChosen(a.Page.DEVICES),
    "task": a.TaskRequested(a.Task.SELF_TEST),
    "invite": s.InviteRequested(),
    "login": s.LoginRequested(),
    "pause": s.PauseRequested(),
    "resume": s.ResumeRequested(),
    "logout": s.LogoutRequested(),
    "cancel": s.CancelRequested(),
    "menu_close": s.MenuClosed(),
    "enrolled": s.Enrolled(rules("2")),
    "new_rules": s.RulesChanged(rules("2")),
    "revoked": s.Revoked("revoked"),
    "reinstated": s.Reinstated(),
    "fault": s.FaultRaised("internal"),
    "fault_cleared": s.FaultCleared(),
}

OF_THE_STATE: dict[str, Callable[[s.Terminal], s.Event]] = {
    "timer": lambda state: _timer(state),
    "timer_old": lambda state: _timer(state, arm=-1),
    "timer_other_session": lambda state: _timer(state, session="Z"),
    "timer_other_phase": lambda state: _timer(state, phase="Thanks" if _name(state) != "Thanks" else "AwaitStars"),
    "done": lambda state: s.AppendDone(_append(state), "a" * 64),
    "done_other": lambda state: s.AppendDone(_append(state) - 1, "b" * 64),
    "pin_right": lambda state: a.PinChecked(_check(state)),
    "pin_wrong": lambda state: a.PinChecked(_check(state), a.Denial.WRONG),
    "pin_other": lambda state: a.PinChecked(_check(state) - 1),
    "failed": lambda state: s.AppendFailed(_append(state), "io_error"),
    "failed_other": lambda state: s.AppendFailed(_append(state) - 1, "io_error"),
}


def _name(state: s.Terminal) -> str:
    return type(state.phase).__name__


def _timer(state: s.Terminal, *, session: str | None = None, phase: str | None = None, arm: int = 0) -> s.TimerFired:
    """The timer that the phase waits for, or one that would be its if it had any; off by what is given."""
    own = getattr(state.phase, "session", None)
    number = getattr(state.phase, "arm", state.counter) + arm
    return s.TimerFired(session or (own.id if own else None), phase or _name(state), number)


def _append(state: s.Terminal) -> int:
    return state.phase.append if isinstance(state.phase, s.Recording) else state.counter


def _check(state: s.Terminal) -> int:
    checking = getattr(state.phase, "checking", None)
    return state.counter if checking is None else checking


# --- reading a step -------------------------------------------------------------------------------------------------


def _session(session: s.Session) -> str:
    star = str(int(session.star)) if session.star else ""
    marked = "+" + ",".join(session.toggled) if session.toggled else ""
    scope = "/" + "".join(case.number[-1] for case in session.covered) if session.scope else ""
    return f"{session.id}{scope}{star}{marked}{'!' if session.submitted else ''}{'x' if session.extended else ''}"


def _phase(phase: s.Phase, now_ms: int) -> str:
    match phase:
        case s.Recording():
            return f"Recording {phase.wrote} {_session(phase.session)}"
        case s.AwaitScope():
            which = " which" if phase.listing else ""
            return f"AwaitScope {_session(phase.session)}{which} {(phase.until_ms - now_ms) // 1000}s"
        case s.AwaitStars() | s.AwaitReasons() | s.Thanks():
            return f"{type(phase).__name__} {_session(phase.session)} {(phase.until_ms - now_ms) // 1000}s"
        case s.StaffMenu() if phase.session:
            return f"StaffMenu {_session(phase.session)}"
        case s.OutOfOrder():
            return f"OutOfOrder {phase.reason}"
        case a.EnterPin():
            what = "checking" if phase.checking else phase.denied or "•" * len(phase.typed)
            return f"EnterPin {phase.member.number} {what}".strip()
        case a.Administration():
            return f"Administration {phase.page}"
        case _:
            return type(phase).__name__


def _entry(draft: Draft) -> str:
    data = draft.data
    match draft.kind:
        case Kind.SESSION_OPENED:
            return f"{draft.session} opened"
        case Kind.SCOPE_CHOSEN:
            return f"{draft.session} {data['scope']} {''.join(number[-1] for number in data['covered'])}"
        case Kind.STAR_CHOSEN:
            return f"{draft.session} star {data['level']}"
        case Kind.REASON_TOGGLED:
            return f"{draft.session} toggle {'+' if data['on'] else '-'}{data['code']}"
        case Kind.REASONS_CHOSEN:
            codes = ",".join(row["code"] for row in data["reasons"])
            return f"{draft.session} reasons {codes}{'skipped' if data['skipped'] else ''}"
        case Kind.SESSION_CLOSED:
            return f"{draft.session} closed {data['outcome']}{' submitted' if data['submitted'] else ''}"
        case Kind.STAFF_LOGGED_IN | Kind.STAFF_LOGGED_OUT:
            return f"{'login' if draft.kind == Kind.STAFF_LOGGED_IN else 'logout'} {data['number']}"
        case _:
            return str(draft.kind)


def _kept(event: s.Event) -> str:
    match event:
        case s.TicketPresented():
            return f"ticket {event.session_id}"
        case a.DutyTaken():
            return f"duty {event.member.number}"
        case s.CardLaid():
            return f"card {event.member.number if event.member else 'unknown'}"
        case _:
            return type(event).__name__.removesuffix("Requested").lower()


def _differences(turn: Turn, now_ms: int) -> Iterator[str]:
    before, after = turn.before, turn.after
    if before.phase != after.phase:
        yield f"-> {_phase(after.phase, now_ms)}"
    for draft in turn.drafts:
        yield f"write {_entry(draft)}"
    yield from _asked(turn)
    if before.notice != after.notice:
        yield f"say {after.notice.what if after.notice else 'nothing'}"
    if before.remembered != after.remembered:
        yield f"keep {', '.join(map(_kept, after.remembered))}"
    if before.on_duty != after.on_duty:
        yield f"duty {after.on_duty.number if after.on_duty else 'none'}"
    if before.paused_since_ms != after.paused_since_ms:
        yield "pause ends" if after.paused_since_ms is None else "pause begins"
    if before.language != after.language:
        yield f"language {after.language}"
    if before.large_print != after.large_print:
        yield "large print"
    if before.high_contrast != after.high_contrast:
        yield "high contrast"
    if before.voice != after.voice:
        yield "voice"
    if before.recent_scans != after.recent_scans:
        latest = after.recent_scans[-1][1].cases if after.recent_scans else ()
        yield "scan " + ("".join(case.number[-1] for case in latest) or "forgotten")
    if before.rules != after.rules:
        yield f"rules {after.rules.policy.version if after.rules else 'none'}"


def _asked(turn: Turn) -> Iterator[str]:
    for effect in turn.effects:
        if isinstance(effect, a.CheckPin):
            yield f"check the PIN of {effect.number}"
        elif isinstance(effect, a.Perform):
            yield f"perform {effect.task}"
        elif isinstance(effect, s.PresentAgain):
            yield f"present {effect.ticket.session_id} again"


def _rows() -> Iterator[tuple[str, str, str]]:
    """(state, event, what is seen) of every row."""
    state = ""
    for line in filter(None, TABLE.splitlines()):
        if line.startswith("# "):
            state = line[2:]
            continue
        event, seen = line.split(maxsplit=1)
        if event == "ignored":
            yield from ((state, one, "ignored") for one in seen.split())
        else:
            yield state, event, seen


ROWS = list(_rows())
NOW_MS = 11_000


def _take(state: str, event: str) -> Turn:
    window = STATES[state]()
    window.now = NOW_MS
    happens = FIXED.get(event) or OF_THE_STATE[event](window.state)
    window.send(happens)
    return window.turns[-1]


def test_the_table_is_complete() -> None:
    """Design §5: “a table in the tests lists every state × every event”."""
    pairs = [(state, event) for state, event, _ in ROWS]
    assert len(pairs) == len(set(pairs)), "a pair stands twice"
    assert set(pairs) == {(state, event) for state in STATES for event in (*FIXED, *OF_THE_STATE)}


def test_the_table_knows_every_kind_of_state_and_event() -> None:
    """Design §5."""
    assert {type(make().phase) for make in STATES.values()} == set(s.Phase.__args__)
    state = Window().state
    made = {type(event) for event in FIXED.values()} | {type(make(state)) for make in OF_THE_STATE.values()}
    assert made == set(s.Event.__args__)


@pytest.mark.parametrize("name", STATES)
def test_a_state_of_the_table_is_what_its_name_says(name: str) -> None:
    window = STATES[name]()
    assert _phase(window.phase, window.now).startswith(name.removesuffix(" in a pause").removesuffix(" of an administrator"))
    assert (window.state.paused_since_ms is not None) == (name in ("Paused", "StaffMenu in a pause"))
    assert (window.state.remembered, window.state.notice) == ((), None)


@pytest.mark.parametrize(("state", "event", "seen"), ROWS, ids=lambda part: part.replace(" ", "_"))
def test_row(state: str, event: str, seen: str) -> None:
    """Design §4, §5."""
    turn = _take(state, event)
    if seen == "ignored":
        assert (turn.after, turn.effects) == (turn.before, ())
    else:
        assert "; ".join(_differences(turn, NOW_MS)) == seen


@pytest.mark.parametrize("state", STATES)
def test_whatever_waits_has_a_timer_and_a_timer_belongs_to_what_waits(state: str) -> None:
    """Design §5: a timer carries (session, state, arm number); the time on the screen is the time of the timer."""
    for event in (*FIXED, *OF_THE_STATE):
        turn = _take(state, event)
        assert _armed(turn) == _due(turn), event


def _armed(turn: Turn) -> dict[s.TimerFired, int]:
    return {effect.event: effect.delay_ms for effect in turn.effects if isinstance(effect, s.StartTimer)}


def _due(turn: Turn) -> dict[s.TimerFired, int]:
    before, after = turn.before, turn.after
    phase, timing = after.phase, after.timing
    due: dict[s.TimerFired, int] = {}
    if phase != before.phase and isinstance(phase, s.AwaitScope | s.AwaitStars | s.AwaitReasons | s.Thanks):
        due[_timer(after)] = phase.until_ms - NOW_MS
    elif phase != before.phase and isinstance(phase, s.StaffMenu | s.StaffLogin | a.EnterPin):
        due[_timer(after)] = timing.staff_ms
    elif phase != before.phase and isinstance(phase, a.Administration):
        due[_timer(after)] = timing.administration_ms
    elif phase != before.phase and isinstance(phase, s.Recording):
        due[_timer(after)] = timing.durable_ms
    if after.unrated_arm and after.unrated_arm != before.unrated_arm:
        due[s.TimerFired(None, "Invitation", after.unrated_arm)] = timing.invite_ms
    if after.notice and after.notice != before.notice:
        due[s.TimerFired(None, "Notice", after.notice.arm)] = timing.notice_ms
    if after.preferences_arm != before.preferences_arm:
        due[s.TimerFired(None, "Preferences", after.preferences_arm)] = timing.preferences_ms
    return due
