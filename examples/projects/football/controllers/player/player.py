"""A football player: its team and its task are in its customData. Uses Webots' interface."""
import math
import random

from controller import Supervisor

robot = Supervisor()
step = int(robot.getBasicTimeStep())
team, task = robot.getCustomData().split()
ahead = 1 if team == 'red' else -1  # the direction it plays in
motors = [robot.getDevice(name) for name in ('left wheel motor', 'right wheel motor')]
gps, attitude = robot.getDevice('gps'), robot.getDevice('inertial unit')
for motor in motors:
    motor.setPosition(float('inf'))
    motor.setVelocity(0.0)
gps.enable(step)
attitude.enable(step)
ball = robot.getFromDef('BALL')


def drive_to(x, y, top):
    """Sets the wheels so that the robot comes to a place, forwards or backwards."""
    own_x, own_y, _ = gps.getValues()
    dx, dy = x - own_x, y - own_y
    distance = math.hypot(dx, dy)
    if distance < 0.03:
        speeds = (0.0, 0.0)
    else:
        angle = math.atan2(dy, dx) - attitude.getRollPitchYaw()[2]
        angle = math.atan2(math.sin(angle), math.cos(angle))
        way = 1
        if abs(angle) > 2.0:
            way, angle = -1, math.atan2(math.sin(angle + math.pi), math.cos(angle + math.pi))
        speed = way * min(top, 25 * distance + 2) * max(0.0, math.cos(angle))
        turn = max(-6.0, min(6.0, 6 * angle))
        speeds = (speed - turn, speed + turn)
    for motor, speed in zip(motors, speeds):
        motor.setVelocity(max(-12.0, min(12.0, speed)))


chance = random.Random(robot.getName())  # the same game each time, but no two players alike
patience = chance.uniform(1, 4)  # seconds until it gives up a scrum
stuck, away, last = 0.0, 0.0, (0.0, 0.0)
while robot.step(step) != -1:
    ball_x, ball_y, _ = ball.getPosition()
    own_x, own_y, _ = gps.getValues()
    near = math.hypot(ball_x - own_x, ball_y - own_y)
    if task == 'keeper':
        if near < 0.35 and (ball_x - own_x) * ahead > 0:
            drive_to(ball_x + 0.1 * ahead, ball_y, 12)  # clears the ball
        else:
            drive_to(-1.08 * ahead, max(-0.25, min(0.25, ball_y)), 10)
        continue
    # Whoever pushes without effect backs off for a while.
    stuck = stuck + step / 1000.0 if math.hypot(ball_x - last[0], ball_y - last[1]) < 0.003 else 0.0
    last = (ball_x, ball_y)
    away = max(0.0, away - step / 1000.0)
    if stuck > patience and near < 0.3:
        stuck, away, patience = 0.0, chance.uniform(0.5, 1.5), chance.uniform(1, 4)
    if away > 0:
        drive_to(ball_x - 0.5 * ahead, ball_y * 0.5, 10)
        continue
    # First behind the ball, as seen from the other goal, then through it.
    goal_x, goal_y = 1.4 * ahead, 0.0
    length = math.hypot(goal_x - ball_x, goal_y - ball_y)
    to_x, to_y = (goal_x - ball_x) / length, (goal_y - ball_y) / length
    behind = (ball_x - own_x) * to_x + (ball_y - own_y) * to_y
    aside = (ball_x - own_x) * to_y - (ball_y - own_y) * to_x
    if behind > 0.05 and abs(aside) < 0.06:
        drive_to(ball_x + 0.3 * to_x, ball_y + 0.3 * to_y, 12)
    elif behind > 0.1:
        drive_to(ball_x - 0.15 * to_x, ball_y - 0.15 * to_y, 10)
    else:
        side = 1 if own_y > ball_y else -1
        if abs(ball_y) > 0.5:
            side = -1 if ball_y > 0 else 1  # between the ball and the side there is no room
        drive_to(ball_x - 0.25 * ahead, ball_y + 0.22 * side, 10)
